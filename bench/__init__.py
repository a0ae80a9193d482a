"""How fast contracts are judged: the product beside other ways of doing the same (see `docs/benchmarks.md`)."""
