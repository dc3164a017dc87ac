"""A small shop with the official OpenTelemetry SDK: POST /checkout makes an order of a cart.

`npm run example:checkout` runs it with a load of its own, in which a few carts are planted that saved
queries find. What it promises of its spans is in contract.ts.

    POST /checkout {"cart": "c4r70001", "items": 3, "amount": 9.5, "currency": "EUR", "express": false}

A cart may have a `voucher`, which gives that many items for free, and for tests a `card` that behaves
like a bank in trouble: slow, busy, down or silent. With `"warehouse": "closed"` no order can be placed.
"""

import argparse
import http.client
import json
import os
import random
import re
import select
import signal
import socket
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode

SCOPE = "shop.checkout"
DEFAULT_ENDPOINT = "http://127.0.0.1:4317"
LIMIT_SECONDS = 5.0  # a checkout that takes longer is given up
SLOW_SECONDS = 3.0

tracer = trace.get_tracer(SCOPE)
meter = metrics.get_meter(SCOPE)
items_sold = meter.create_counter("shop.orders.items", unit="{item}")
checkout_time = meter.create_histogram(
    "shop.checkout.time", unit="s", explicit_bucket_boundaries_advisory=[0.5, 1, 10]
)


# The shop


@dataclass
class Cart:
    cart: str
    items: int
    amount: float
    currency: str
    express: bool = False
    voucher: int = 0
    card: str = "good"
    warehouse: str = "open"


class Refused(Exception):
    """The cart cannot be bought, for a reason that is the customer's."""


class Interrupted(Exception):
    """The work was cut short, and nothing is broken."""


class Abandoned(Interrupted):
    pass


class Expired(Interrupted):
    pass


class Failure(Exception):
    """Something is broken. Its text is a code: what a customer typed has no place in a trace."""


class BankUnreachable(Failure):
    pass


class WarehouseClosed(Failure):
    pass


@contextmanager
def stage(name, kind=SpanKind.INTERNAL, **attributes):
    """A span around a piece of work. The innermost that fails has the exception, all above it the status."""
    with tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except Interrupted:
            raise
        except Exception as error:
            fail(span, error)
            raise


def fail(span, error):
    code = str(error) if isinstance(error, Failure) else ""
    span.set_status(Status(StatusCode.ERROR, code))
    if not getattr(error, "is_recorded", False):
        error.is_recorded = True
        # Not span.record_exception: that also sends the message and lines of the stack, whatever is in them.
        span.add_event(
            "exception", {"exception.type": type(error).__name__, "exception.message": code}
        )


def check_out(cart, wait):
    """Makes an order of a cart. `wait` sleeps, and raises when nobody wants the order any more."""
    load(cart, wait)
    if cart.items == 0:
        raise Refused("empty_cart")
    given = apply_voucher(cart, wait) if cart.voucher > 0 else 0
    pay(cart, wait)
    place(cart, given, wait)


def load(cart, wait):
    with stage("cart.load") as span:
        wait(0.004)
        span.set_attribute("shop.items.in", cart.items)


def apply_voucher(cart, wait):
    with stage("voucher.apply") as span:
        wait(0.002)
        span.set_attribute("shop.items.given", cart.voucher)
        return cart.voucher


def pay(cart, wait):
    with stage("payment.charge", SpanKind.CLIENT, **{"shop.currency": cart.currency}) as span:
        span.set_attribute("shop.express", cart.express)
        try:
            judge_risk(cart, wait)
            charge(cart, wait)
        except Interrupted:
            span.set_attribute("shop.payment.state", "unknown")
            raise
        except Exception:
            span.set_attribute("shop.payment.state", "declined")
            raise
        span.set_attributes({"shop.payment.state": "paid", "shop.amount": cart.amount})
        log("info", "payment.paid", **{"shop.amount": cart.amount, "shop.currency": cart.currency})


def judge_risk(cart, wait):
    with stage("payment.risk") as span:
        with stage("payment.risk.look_up"):
            wait(0.003)
        with stage("payment.risk.score") as scoring:
            score = min(9, int(cart.amount // 100))
            scoring.set_attribute("shop.risk_score", score)
        span.set_attribute("shop.risk_score", score)


def charge(cart, wait):
    attempts = 3 if cart.card == "busy" else 1
    for attempt in range(1, attempts + 1):
        with stage("payment.attempt", **{"shop.payment.attempt": attempt}) as span:
            ask_bank(cart, wait)
            span.set_attribute("shop.amount", cart.amount)


def ask_bank(cart, wait):
    if cart.card == "down":
        raise BankUnreachable("bank_unreachable")
    if cart.card == "silent":
        wait(10 * LIMIT_SECONDS)
    wait(SLOW_SECONDS if cart.card == "slow" else random.uniform(0.01, 0.06))


def place(cart, given, wait):
    with stage("order.place") as span:
        wait(0.005)
        if cart.warehouse == "closed":
            raise WarehouseClosed("warehouse_closed")
        span.set_attribute("shop.items.sold", cart.items + given)
    labels = {"shop.currency": cart.currency, "shop.express": cart.express}
    items_sold.add(cart.items + given, labels)


# The service


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        cart = self.read_cart() if self.path == "/checkout" else None
        if cart is None:
            self.answer(400, {"error": "POST /checkout takes a cart: see the top of checkout.py."})
            return
        started = time.monotonic()
        with tracer.start_as_current_span(
            "checkout",
            context=extract(self.headers),
            kind=SpanKind.SERVER,
            attributes={"shop.cart.id": cart.cart, "shop.express": cart.express},
        ) as root:
            status, result = self.check_out(cart, root, started + LIMIT_SECONDS)
            root.set_attribute("shop.result", result)
            trace_id = trace.format_trace_id(root.get_span_context().trace_id)
        checkout_time.record(time.monotonic() - started, {"shop.result": result})
        if result != "abandoned":
            self.answer(status, {"result": result, "trace_id": trace_id})

    def check_out(self, cart, root, deadline):
        """The HTTP status and the result, with what the root span says of it."""
        try:
            check_out(cart, lambda seconds: self.wait(seconds, deadline))
        except Refused as refusal:
            root.set_attribute("shop.refusal", str(refusal))
            return 422, "refused"
        except Abandoned:
            root.set_attribute("shop.order.state", "open")
            return 499, "abandoned"
        except Expired:
            root.set_status(Status(StatusCode.ERROR, "too_late"))
            root.set_attribute("shop.order.state", "open")
            return 504, "expired"
        except Exception as error:
            fail(root, error)
            root.set_attribute("shop.order.state", "lost")
            return 500, "broken"
        root.set_attributes({"shop.amount": cart.amount, "shop.order.state": "placed"})
        return 200, "ordered"

    def wait(self, seconds, deadline):
        """Sleeps, unless the customer leaves or the time is up."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if time.monotonic() > deadline:
                raise Expired
            readable, _, _ = select.select([self.connection], [], [], min(left, 0.05))
            if readable and self.connection.recv(1, socket.MSG_PEEK) == b"":
                raise Abandoned

    def read_cart(self):
        try:
            cart = Cart(**json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            is_whole = re.fullmatch("[a-z0-9]{8}", cart.cart) and cart.currency in ("EUR", "USD")
            cart.amount = float(cart.amount)
            return cart if is_whole and 0 <= cart.amount <= 1e6 and cart.items >= 0 else None
        except (ValueError, TypeError):
            return None

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


log_file = None


def log(level, event, **fields):
    """A line of JSON with the ids of the span in which it is written."""
    if log_file is None:
        return
    context = trace.get_current_span().get_span_context()
    line = {
        "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": level,
        "event": event,
        "trace_id": trace.format_trace_id(context.trace_id),
        "span_id": trace.format_span_id(context.span_id),
        **fields,
    }
    log_file.write(json.dumps(line) + "\n")


# The telemetry


class CountingExporter(OTLPSpanExporter):
    """Says at the end how many spans arrived."""

    counts = Counter(sent=0, lost=0)

    def export(self, spans):
        result = super().export(spans)
        self.counts["sent" if result is SpanExportResult.SUCCESS else "lost"] += len(spans)
        return result


def start_telemetry(endpoint):
    os.environ.setdefault("OTEL_SERVICE_NAME", "checkout")
    resource = Resource.create({"cloud.region": os.environ.get("SHOP_REGION", "north")})
    provider = TracerProvider(resource=resource)
    exporter = CountingExporter(endpoint=endpoint, insecure=endpoint.startswith("http:"))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    trace.set_tracer_provider(provider)
    if "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT" in os.environ:
        till = Resource({"shop.till": f"{socket.gethostname()}-{os.getpid()}"})
        reader = PeriodicExportingMetricReader(OTLPMetricExporter())
        metrics.set_meter_provider(MeterProvider([reader], resource.merge(till)))
    return provider


# The load


@dataclass
class Plant:
    what: str
    cart: Cart
    found_by: list[str]
    leaves_after_seconds: float | None = None


def plants():
    def cart(name, items=2, amount=20.0, currency="EUR", **more):
        return Cart(name, items, amount, currency, **more)

    return [
        Plant("a slow payment", cart("slowbank", card="slow"), ["slow-payments"]),
        Plant("a cart without items", cart("nothing1", items=0), ["refused-requests"]),
        Plant(
            "a bank that is down",
            cart("bankdown", card="down"),
            ["failed-stages", "broken-requests"],
        ),
        Plant(
            "a warehouse that is closed, after the payment",
            cart("closed01", warehouse="closed"),
            ["failed-stages", "broken-requests", "paid-without-order"],
        ),
        Plant(
            "a customer who leaves while the bank is silent",
            cart("leaves01", card="silent"),
            ["abandoned-requests"],
            leaves_after_seconds=0.3,
        ),
        Plant(
            "a bank that never answers",
            cart("silent01", card="silent"),
            ["expired-requests", "slow-payments"],
        ),
        Plant("a busy bank", cart("busybank", card="busy"), ["repeated-attempts"]),
        Plant("a voucher for five items", cart("voucher5", voucher=5), ["generous-vouchers"]),
        Plant("a risky order", cart("risky001", amount=950.0, currency="USD"), ["risky-orders"]),
    ]


def ordinary_cart(number):
    return Cart(
        cart=f"c{number:07d}",
        items=random.randint(1, 5),
        amount=round(random.uniform(5, 120), 2),
        currency=random.choice(["EUR", "EUR", "USD"]),
        express=random.random() < 0.2,
        voucher=random.choice([0, 0, 0, 1, 2]),
    )


def order(port, plant):
    """Sends a cart, and returns how it ended."""
    limit = plant.leaves_after_seconds or 12 * LIMIT_SECONDS
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limit)
    try:
        connection.request("POST", "/checkout", json.dumps(asdict(plant.cart)))
        return json.loads(connection.getresponse().read())["result"]
    except TimeoutError:
        return "abandoned"
    finally:
        connection.close()


def run_load(port, orders, seconds, stopped):
    """Sends the orders over that time, the planted among them. Returns how many ended how, and the planted."""
    jobs = [Plant("", ordinary_cart(number), []) for number in range(orders)]
    for index, plant in enumerate(plants()):
        jobs.insert(min(len(jobs), 1 + index * orders // 8), plant)
    started = told = time.monotonic()
    with ThreadPoolExecutor(max_workers=8) as pool:
        running, planted = [], []
        for index, job in enumerate(jobs):
            if stopped.wait(started + seconds * index / len(jobs) - time.monotonic()):
                break
            running.append(pool.submit(order, port, job))
            planted += [job] if job.found_by else []
            if time.monotonic() - told > 5:
                told = time.monotonic()
                say(f"  {index + 1} of {len(jobs)} orders")
    return Counter(job.result() for job in running), planted


# The command


def say(line=""):
    print(line, flush=True)


def say_planted(planted):
    if not planted:
        return
    width = max(len(plant.what) for plant in planted)
    say(f"{'Planted':{width}}  cart      found by the saved queries")
    for plant in planted:
        say(f"{plant.what:{width}}  {plant.cart.cart}  {', '.join(plant.found_by)}")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--orders", type=int, default=200, help="how many orders to send, besides the planted")
    parser.add_argument("--seconds", type=float, default=60, help="over how long")
    parser.add_argument("--serve", type=int, metavar="PORT", help="listen there, until Ctrl-C")
    parser.add_argument("--log", metavar="FILE", help="append the log lines to a file")
    parser.add_argument("--report", metavar="FILE", help="write what was planted to a file, as JSON")
    arguments = parser.parse_args()
    if not (0 <= arguments.orders <= 10_000 and 0 <= arguments.seconds <= 3_600):
        parser.error("--orders goes to 10000, --seconds to 3600")
    return arguments


def main():
    global log_file
    arguments = read_arguments()
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    if arguments.log:
        log_file = open(arguments.log, "a", buffering=1, encoding="utf-8")
    endpoint = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", DEFAULT_ENDPOINT)
    provider = start_telemetry(endpoint)
    server = ThreadingHTTPServer(("127.0.0.1", arguments.serve or 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    say(f"The shop takes carts at http://127.0.0.1:{port}/checkout and sends its spans to {endpoint}.")
    say(f"{arguments.orders} orders come within {arguments.seconds:g} s; Ctrl-C ends it.")
    results, planted = run_load(port, arguments.orders, arguments.seconds, stopped)
    if arguments.serve is not None and not stopped.is_set():
        provider.force_flush()
        say_planted(planted)
        say("All orders are sent, and the shop stays open. Ctrl-C ends it.")
        stopped.wait()
    server.shutdown()
    server.server_close()
    provider.shutdown()
    counts = CountingExporter.counts
    told = ", ".join(f"{count} {result}" for result, count in results.most_common())
    say(f"{results.total()} orders: {told}. {counts['sent']} spans sent, {counts['lost']} lost.")
    if arguments.serve is None:
        say_planted(planted)
    if arguments.report:
        report = {"results": results, "spans": counts, "planted": [asdict(plant) for plant in planted]}
        with open(arguments.report, "w", encoding="utf-8") as file:
            json.dump(report, file)
    return 3 if counts["lost"] > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
