# The example is valid and uses the module as it is.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "complete" {
  module {
    source = "./examples/complete"
  }

  assert {
    condition     = module.queue.name == "orders.fifo"
    error_message = "the example makes ${module.queue.name}"
  }
}
