// The objects of the API.
import type * as pkg from "pb-fulfillment";

takes<pkg.Order>({
  clientId: "100",
  clientOrderId: "A-1",
  inputShippingDetails: { carrier: "PITNEY BOWES", serviceId: "PARCEL" },
  createDate: "2026-03-01T10:00:00Z",
  orderLines: [{ sku: "TEA", orderedQuantity: 2 }],
  toAddress: {},
});
// @ts-expect-error It has no id of its own.
takes<pkg.Order>({
  clientId: "100",
  inputShippingDetails: { carrier: "PITNEY BOWES", serviceId: "PARCEL" },
  createDate: "2026-03-01T10:00:00Z",
  orderLines: [],
  toAddress: {},
});
same<NonNullable<pkg.Order["orderType"]>, "eCom" | "Retail">();
same<NonNullable<pkg.Order["orderHandling"]>, "X" | "R" | "E">();
same<pkg.Order["orderLines"], pkg.OrderLine[]>();
same<pkg.Order["inputShippingDetails"], pkg.ShippingDetails>();
same<pkg.Order["billingAddress"], pkg.Address | undefined>();
same<pkg.Order["orderCharges"], pkg.OrderCharges | undefined>();
same<pkg.Order["references"], pkg.Reference[] | undefined>();
same<pkg.Order["salesChannel"], unknown>();

takes<Required<pkg.Address>>({
  name: "Ann Lee",
  company: "Lee Inc",
  phone: "617 555 0100",
  email: "ann@lee.example",
  addressLines: ["1 Main St", "Flat 3"],
  cityTown: "Boston",
  stateProvince: "MA",
  postalCode: "02110",
  countryCode: "US",
});
takes<pkg.Address>({});
// @ts-expect-error A number has lost the zeros that it began with.
takes<pkg.Address>({ postalCode: 2110 });
// @ts-expect-error A draft's street may be one text, an order's may not.
takes<pkg.Address>({ addressLines: "1 Main St" });
// @ts-expect-error It goes by stateProvince.
takes<pkg.Address>({ state: "MA" });

takes<Required<pkg.ShippingDetails>>({ carrier: "PITNEY BOWES", serviceId: "PARCEL", serviceName: "Parcel", trackingNumber: "1" });
takes<pkg.ShippingDetails>({ carrier: "PITNEY BOWES", serviceId: "PARCEL" });
// @ts-expect-error Which service?
takes<pkg.ShippingDetails>({ carrier: "PITNEY BOWES" });

takes<Required<pkg.OrderLine>>({
  lineId: 1,
  sku: "TEA",
  originCountryCode: "IN",
  originStateProvince: "AS",
  unitPrice: 19.9,
  orderedQuantity: 2,
  lineTotal: 39.8,
  hSTariffCode: "0902",
  hSTariffCodeCountry: "IN",
  inventoryType: "new",
  additionalDetails: null,
});
takes<pkg.OrderLine>({ sku: "TEA", orderedQuantity: 2 });
// @ts-expect-error How many?
takes<pkg.OrderLine>({ sku: "TEA" });
// @ts-expect-error Of an order amounts are numbers; of a draft they may be text.
takes<pkg.OrderLine>({ sku: "TEA", orderedQuantity: 2, unitPrice: "19.90" });

takes<Required<pkg.OrderCharges>>({
  orderCurrency: "USD",
  shippingAmount: 4.5,
  totalItemAmount: 39.8,
  dutyDetails: [],
  totalTaxAmount: 2.1,
  taxDetails: [{ name: "SALES TAX", fee: 2.1 }],
  totalDiscountAmount: 0,
  discountDetails: [],
  cashOnDeliveryAmount: 0,
  otherChargeDetails: [],
  totalOrderAmount: 46.4,
});
same<pkg.OrderCharges["taxDetails"], pkg.Price[] | undefined>();

takes<Required<pkg.Price>>({ name: "SALES TAX", fee: 2.1, currency: "USD", percentage: 5 });
// @ts-expect-error An amount is a number.
takes<pkg.Price>({ fee: "2.10" });

takes<Required<pkg.CustomsInfo>>({ customsDeclaredValue: 40, importerCustomsReference: "GB1", importerCustomsReferenceType: "EORI" });
takes<Required<pkg.DropShipInfo>>({ companyName: "Lee Inc", address: "1 Main St", city: "Boston", state: "MA", postalCode: "02110" });
takes<Required<pkg.Reference>>({ name: "gift", values: "card" });

takes<pkg.BulkOrdersRequest>({ orders: [] });
// @ts-expect-error A list alone is no body of a request.
takes<pkg.BulkOrdersRequest>([]);
same<pkg.BulkOrdersRequest["orders"], pkg.Order[]>();
same<pkg.BulkOrdersResponse["orders"], pkg.OrderReceipt[]>();
takes<Required<pkg.OrderReceipt>>({ clientId: "100", clientOrderId: "A-1", orderId: "ORA1US", status: "RECEIVED" });
same<pkg.OrderReceipt["orderId"], string | undefined>();

takes<Required<pkg.ApiError>>({ errorCode: "PB-APIM-ERR-1006", errorDescription: "Too many", additionalInfo: "", parameters: ["a"] });
