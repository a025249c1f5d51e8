package {{ cookiecutter.package }}.item;

import java.util.UUID;

/** There is no item with an id. */
public class ItemNotFoundException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ItemNotFoundException(UUID id) {
        super("there is no item " + id);
    }
}
