package org.example.rates;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Answers `GET /rates/GRAMS` with the postage in cents. */
public final class Main {
    private static final String PREFIX = "/rates/";

    private Main() {
    }

    /** Serve on port 8080. */
    public static void main(String[] arguments) throws IOException {
        start(8080);
    }

    static HttpServer start(int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.createContext(PREFIX, Main::answer);
        server.start();
        return server;
    }

    private static void answer(HttpExchange exchange) throws IOException {
        int status = 200;
        String text;
        try {
            text = Integer.toString(Rates.cents(Integer.parseInt(exchange.getRequestURI().getPath().substring(PREFIX.length()))));
        } catch (IllegalArgumentException problem) {
            status = 400;
            text = problem.getMessage();
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
