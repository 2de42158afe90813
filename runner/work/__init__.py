"""Who runs jobs, and when: the dispatcher announces, the worker claims, the executor calls, the scheduler repairs."""
