# A lazy string behaves as str wherever we put it.
LazyString = str
