pub fn weigh(n: u32) -> u32 {
    n * 3
}

#[cfg(test)]
mod tests {
    #[test]
    fn weighs() {
        assert_eq!(super::weigh(2), 6);
    }
}
