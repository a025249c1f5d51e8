package org.example.tickets;

import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.put;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.web.servlet.AutoConfigureMockMvc;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.MockMvc;

@SpringBootTest
@AutoConfigureMockMvc
class TicketControllerTest {

    @Autowired private MockMvc http;
    @Autowired private TicketService service;

    @Test
    void isHealthy() throws Exception {
        http.perform(get("/actuator/health"))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.status").value("UP"));
    }

    @Test
    void takesAReport() throws Exception {
        http.perform(
                        post("/tickets")
                                .contentType(MediaType.APPLICATION_JSON)
                                .content("{\"title\": \"Nobody can log in\", \"priority\": 1}"))
                .andExpect(status().isCreated())
                .andExpect(header().exists("Location"))
                .andExpect(jsonPath("$.status").value("OPEN"));
    }

    @Test
    void refusesAnEmptyTitle() throws Exception {
        http.perform(
                        post("/tickets")
                                .contentType(MediaType.APPLICATION_JSON)
                                .content("{\"title\": \" \", \"priority\": 1}"))
                .andExpect(status().isBadRequest());
    }

    @Test
    void explainsAnImpossibleMove() throws Exception {
        var ticket = service.report(new NewTicket("Nobody can log in", 1));
        http.perform(
                        put("/tickets/" + ticket.id() + "/status")
                                .contentType(MediaType.APPLICATION_JSON)
                                .content("\"OPEN\""))
                .andExpect(status().isConflict())
                .andExpect(jsonPath("$.detail").value("a ticket that is OPEN cannot become OPEN"));
    }

    @Test
    void knowsOnlyWhatWasReported() throws Exception {
        http.perform(get("/tickets/" + UUID.randomUUID())).andExpect(status().isNotFound());
    }
}
