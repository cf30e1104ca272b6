export default { serverExternalPackages: ["pb-fulfillment"] };
