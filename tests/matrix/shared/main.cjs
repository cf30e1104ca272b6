const pkg = require("pb-fulfillment");
const broker = require("pb-fulfillment/broker");
const emulator = require("pb-fulfillment/emulator");

import("./orders.mjs")
  .then(({ brokerOf, throughBroker }) => throughBroker(pkg, brokerOf(broker, emulator)))
  .then((outcome) => console.log(JSON.stringify(outcome)));
