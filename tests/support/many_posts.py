"""Post JSON to a URL at a rate, from a process of its own: `many_posts.py URL COUNT RATE`."""

import http.client
import json
import sys
import threading
import time

CONNECTIONS = 40


def post(url, numbers, began, rate, statuses):
    """Post those numbers, each when it is due, on one connection."""
    where, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(where, timeout=60)
    for number in numbers:
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        connection.request("POST", f"/{path}", json.dumps({"number": number}).encode())
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()


def main():
    """Post all, and print how many were accepted and how many seconds it took."""
    url, count, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    statuses, began = [], time.monotonic()
    threads = [
        threading.Thread(
            target=post, args=(url, range(first, count, CONNECTIONS), began, rate, statuses)
        )
        for first in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(f"{statuses.count(200)} {time.monotonic() - began:.1f}\n")


if __name__ == "__main__":
    main()
