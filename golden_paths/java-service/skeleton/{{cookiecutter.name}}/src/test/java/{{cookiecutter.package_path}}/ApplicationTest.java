package {{ cookiecutter.package }};

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.delete;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.put;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import {{ cookiecutter.package }}.item.ItemService;
import {{ cookiecutter.package }}.item.NewItem;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.web.servlet.AutoConfigureMockMvc;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.http.MediaType;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;
import org.springframework.test.web.servlet.MockMvc;

@SpringBootTest
@AutoConfigureMockMvc
class ApplicationTest {

    @Autowired private MockMvc http;
    @MockitoSpyBean private ItemService service;

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/readyz", "/actuator/health/liveness", "/actuator/health/readiness"})
    void answersProbes(String path) throws Exception {
        http.perform(get(path)).andExpect(status().isOk()).andExpect(jsonPath("$.status").value("UP"));
    }

    @Test
    void addsShowsAndRemovesAnItem() throws Exception {
        var place =
                http.perform(post("/items").contentType(MediaType.APPLICATION_JSON).content("{\"name\": \"lamp\"}"))
                        .andExpect(status().isCreated())
                        .andExpect(jsonPath("$.name").value("lamp"))
                        .andReturn()
                        .getResponse()
                        .getHeader("Location");
        http.perform(get(place)).andExpect(status().isOk()).andExpect(jsonPath("$.name").value("lamp"));
        http.perform(delete(place)).andExpect(status().isNoContent());
        http.perform(get(place)).andExpect(status().isNotFound());
    }

    @Test
    void listsItems() throws Exception {
        var lamp = service.add(new NewItem("lamp"));
        http.perform(get("/items"))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString(lamp.id().toString())));
    }

    @Test
    void namesTheFieldThatIsWrong() throws Exception {
        http.perform(post("/items").contentType(MediaType.APPLICATION_JSON).content("{\"name\": \" \"}"))
                .andExpect(status().isBadRequest())
                .andExpect(content().contentType(MediaType.APPLICATION_PROBLEM_JSON))
                .andExpect(jsonPath("$.errors.name").value("must not be blank"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "null"})
    void refusesWhatItCannotRead(String body) throws Exception {
        http.perform(post("/items").contentType(MediaType.APPLICATION_JSON).content(body))
                .andExpect(status().isBadRequest())
                .andExpect(content().contentType(MediaType.APPLICATION_PROBLEM_JSON));
    }

    @Test
    void knowsOnlyWhatWasAdded() throws Exception {
        var id = UUID.randomUUID();
        http.perform(delete("/items/" + id))
                .andExpect(status().isNotFound())
                .andExpect(content().contentType(MediaType.APPLICATION_PROBLEM_JSON))
                .andExpect(jsonPath("$.detail").value("there is no item " + id));
    }

    @Test
    void tellsWhatIsNotServed() throws Exception {
        http.perform(get("/nowhere"))
                .andExpect(status().isNotFound())
                .andExpect(content().contentType(MediaType.APPLICATION_PROBLEM_JSON));
        http.perform(put("/items"))
                .andExpect(status().isMethodNotAllowed())
                .andExpect(header().string("Allow", containsString("POST")));
    }

    @Test
    void keepsUnexpectedErrorsToItself() throws Exception {
        Mockito.doThrow(new IllegalStateException("disk on fire")).when(service).list();
        http.perform(get("/items"))
                .andExpect(status().isInternalServerError())
                .andExpect(content().contentType(MediaType.APPLICATION_PROBLEM_JSON))
                .andExpect(content().string(not(containsString("fire"))));
    }
}
