namespace Shop;

public static class Cart
{
    public static int Sum(int a, int b) => a + b;
}
