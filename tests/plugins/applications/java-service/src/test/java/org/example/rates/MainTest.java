package org.example.rates;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MainTest {
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = Main.start(0);
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void answersWithThePostage() throws IOException, InterruptedException {
        HttpResponse<String> answer = get("/rates/50");
        assertEquals(200, answer.statusCode());
        assertEquals("110", answer.body());
    }

    @Test
    void saysWhatIsWrong() throws IOException, InterruptedException {
        assertEquals(400, get("/rates/heavy").statusCode());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI address = URI.create("http://localhost:" + server.getAddress().getPort() + path);
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
    }
}
