package org.example.tickets;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;

/** What a client sends to report a problem. Priority 1 is the most urgent. */
public record NewTicket(@NotBlank @Size(max = 200) String title, @Min(1) @Max(5) int priority) {}
