"""The same grading on more than one machine: Dask carries submissions to workers as content, and reports back as JSON.

Client, scheduler and workers trust one another (Dask pickles its tasks), and nobody trusts a submission: each worker
runs it in a box of its own. Arguments and results of a task are bytes of JSON, and nothing else.
"""
