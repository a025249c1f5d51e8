package {{ cookiecutter.package }}.item;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;

/** What a client sends to add an item. */
public record NewItem(@NotBlank @Size(max = 100) String name) {}
