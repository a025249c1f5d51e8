require "test_helper"

class EntryTest < ActiveSupport::TestCase
  test("adds") { assert_equal 2, 1 + 1 }
end
