package org.example;

public class App {
}
