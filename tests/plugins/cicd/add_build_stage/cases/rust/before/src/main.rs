fn main() {
    println!("{}", pebble::weigh(2));
}
