def high(level: float) -> bool:
    return level > 2.0
