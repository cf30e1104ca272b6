import { Sender } from "./sender.js";

export default function Page() {
  return <Sender />;
}
