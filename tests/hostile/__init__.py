"""Files that wish us ill, folders that never rest: the corpus, the fuzzer and the soak."""
