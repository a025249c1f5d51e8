require "tally"

RSpec.describe Tally do
  it { expect(Tally.count([1, 2])).to eq(2) }
end
