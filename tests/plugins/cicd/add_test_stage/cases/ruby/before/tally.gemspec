Gem::Specification.new do |spec|
  spec.name = "tally"
  spec.version = "0.1.0"
  spec.summary = "Counts"
  spec.authors = ["Example"]
  spec.files = Dir["lib/**/*.rb"]
  spec.required_ruby_version = ">= 3.2"
end
