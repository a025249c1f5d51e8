{{ not rendered }}
