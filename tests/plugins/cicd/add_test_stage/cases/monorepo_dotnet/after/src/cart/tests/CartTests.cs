using Xunit;

public class CartTests
{
    [Fact]
    public void IsEmpty() => Assert.Empty(new int[0]);
}
