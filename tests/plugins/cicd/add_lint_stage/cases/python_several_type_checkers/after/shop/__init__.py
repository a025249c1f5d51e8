VERSION: str = "1"
