output "queue_url" {
  description = "URL of the queue, for clients."
  value       = module.queue.url
}
