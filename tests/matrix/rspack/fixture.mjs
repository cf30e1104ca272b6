import { rspack } from "@rspack/core";
import { RspackDevServer as DevServer } from "@rspack/dev-server";

import { waysOf } from "../compiler.mjs";
import { versionOf } from "../support.mjs";

export const title = "Rspack";
export const version = await versionOf("@rspack/core");
export const files = ["page.js"];
export const ways = waysOf(rspack, DevServer);
