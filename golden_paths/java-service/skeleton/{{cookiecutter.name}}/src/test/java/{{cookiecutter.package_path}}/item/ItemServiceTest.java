package {{ cookiecutter.package }}.item;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class ItemServiceTest {

    private final ItemService service = new ItemService();

    @Test
    void givesBackWhatItWasGiven() {
        var lamp = service.add(new NewItem(" lamp "));
        var chair = service.add(new NewItem("chair"));
        assertThat(service.list()).containsExactly(chair, lamp);
        assertThat(service.find(lamp.id())).isEqualTo(lamp);
        assertThat(lamp.name()).isEqualTo("lamp");
    }

    @Test
    void forgetsWhatIsRemoved() {
        var lamp = service.add(new NewItem("lamp"));
        service.remove(lamp.id());
        assertThat(service.list()).isEmpty();
        assertThatExceptionOfType(ItemNotFoundException.class).isThrownBy(() -> service.find(lamp.id()));
    }

    @Test
    void removesOnlyWhatIsThere() {
        var id = UUID.randomUUID();
        assertThatExceptionOfType(ItemNotFoundException.class)
                .isThrownBy(() -> service.remove(id))
                .withMessageContaining(id.toString());
    }
}
