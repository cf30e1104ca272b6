import { createRoot } from "react-dom/client";

import { OrderForm } from "./OrderForm";

const root = document.getElementById("root");
if (root) createRoot(root).render(<OrderForm onOrder={(order) => console.log(order)} />);
