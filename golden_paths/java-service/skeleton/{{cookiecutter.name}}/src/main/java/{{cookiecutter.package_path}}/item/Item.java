package {{ cookiecutter.package }}.item;

import java.util.UUID;

/** A thing with a name. */
public record Item(UUID id, String name) {}
