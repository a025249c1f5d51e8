package x

func One() int { return 1 }
