test("is", () => {});
