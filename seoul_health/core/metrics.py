from prometheus_client import Counter, Histogram

REQUESTS = Counter("http_requests_total", "Answers by route.", ["method", "route", "status"])
SECONDS = Histogram(
    "http_request_seconds",
    "Time to answer by route.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
