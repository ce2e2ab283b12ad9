"""Status callbacks: `receiver` takes them on loopback, `hooks` is what people hold in their hands."""
