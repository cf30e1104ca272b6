import webpack from "webpack";
import DevServer from "webpack-dev-server";

import { waysOf } from "../compiler.mjs";
import { versionOf } from "../support.mjs";

export const title = "webpack";
export const version = await versionOf("webpack");
export const files = ["page.js"];
export const ways = waysOf(webpack, DevServer);
