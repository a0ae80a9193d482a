"""The same rules written for each engine, each as somebody who knows it would.

A module has `run(path, contract, watch) -> Judged`: it reads the CSV file within `watch("read")` where reading
can be told apart, and holds the accepted rows and the findings when it returns.
"""
