package org.example;

class OrdersIT {
}
