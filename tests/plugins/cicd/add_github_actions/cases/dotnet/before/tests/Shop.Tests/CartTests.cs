using Xunit;

public class CartTests
{
    [Fact]
    public void Sums() => Assert.Equal(3, Shop.Cart.Sum(1, 2));
}
