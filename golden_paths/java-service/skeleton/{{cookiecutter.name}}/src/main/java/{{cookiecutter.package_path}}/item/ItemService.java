package {{ cookiecutter.package }}.item;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Service;

/** Keeps items in memory. It is the example to replace with what the service is for. */
@Service
public class ItemService {

    private final Map<UUID, Item> items = new ConcurrentHashMap<>();

    /** Keeps a new item. */
    public Item add(NewItem newItem) {
        var item = new Item(UUID.randomUUID(), newItem.name().strip());
        items.put(item.id(), item);
        return item;
    }

    /** All items, ordered by name. */
    public List<Item> list() {
        return items.values().stream().sorted(Comparator.comparing(Item::name).thenComparing(Item::id)).toList();
    }

    /** An item; ItemNotFoundException if there is none. */
    public Item find(UUID id) {
        var item = items.get(id);
        if (item == null) {
            throw new ItemNotFoundException(id);
        }
        return item;
    }

    /** Removes an item; ItemNotFoundException if there is none. */
    public void remove(UUID id) {
        if (items.remove(id) == null) {
            throw new ItemNotFoundException(id);
        }
    }
}
