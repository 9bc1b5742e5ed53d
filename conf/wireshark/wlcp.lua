-- WLCP (TS 24.244) for Wireshark and tshark.
--
-- For good: copy this file to the folder that Help > About > Folders calls "Personal Lua Plugins",
-- usually ~/.local/lib/wireshark/plugins. For one run:
--
--     tshark -X lua_script:wlcp.lua -r capture.pcapng -Y wlcp
--
-- What is dissected:
--   * Messages in clear that latchkeyd writes into its captures (exported PDUs for "wlcp").
--   * DTLS on port 36411, once Wireshark can decrypt it: each WLCP message is one record. It can with
--       - a capture that holds a Decryption Secrets Block: nothing to do;
--       - a key log (NSS format): -o tls.keylog_file:FILE, which serves DTLS too;
--       - the WLCP key itself: -o dtls.psk:HEX, for the plain PSK suites only (not ECDHE-PSK), one
--         key a run. `latchkey trace keys --show-keys` and `latchkey keys wlcp` print it.
--     Wireshark 4.0 decrypts AES-GCM and AES-CBC in DTLS, and not ChaCha20-Poly1305.
--   * DTLS on another port: Decode As, table "DTLS Port"; on a command line -d dtls.port==PORT,wlcp,
--     and -d udp.port==PORT,dtls where the handshake is not in the capture.
--
-- Numbers and elements of all messages but PDN CONNECTIVITY REQUEST are this project's defaults: the
-- standard's text was not to be had. The preference "Changes to the table" takes the lines that
-- lk_wlcp_table_set takes, separated by semicolons, for instance
--
--     -o "wlcp.table:disconnect-reject number 0x8f; connectivity-accept cause O TV 59"

local wlcp = Proto("wlcp", "WLAN Control Plane Protocol")

-- ---- values ----

local request_types = { [1] = "initial", [2] = "handover", [3] = "initial (unused value)",
    [4] = "emergency" }
local pdn_types = { [1] = "IPv4", [2] = "IPv6", [3] = "IPv4v6" }
local causes = {
    [8] = "operator determined barring", [26] = "insufficient resources",
    [27] = "missing or unknown APN", [28] = "unknown PDN type",
    [29] = "user authentication failed", [30] = "rejected by the PDN gateway",
    [31] = "rejected, unspecified", [32] = "service option not supported",
    [33] = "service option not subscribed", [34] = "service option temporarily out of order",
    [35] = "PTI already in use", [36] = "regular deactivation", [38] = "network failure",
    [39] = "reactivation requested", [47] = "PTI mismatch", [50] = "IPv4 only", [51] = "IPv6 only",
    [52] = "single address only", [54] = "PDN connection does not exist",
    [55] = "one PDN connection for an APN", [56] = "collision with a request of the network",
    [57] = "IPv4v6 only", [81] = "invalid PTI", [95] = "semantically incorrect message",
    [96] = "invalid mandatory information", [97] = "message type unknown",
    [98] = "message type not compatible with the state", [99] = "information element unknown",
    [100] = "conditional element wrong", [101] = "message not compatible with the state",
    [111] = "protocol error", [112] = "APN restriction", [113] = "multiple accesses not allowed",
}
local containers = { [0x0003] = "DNS server, IPv6", [0x000d] = "DNS server, IPv4" }

-- ---- the table: a line an element, as in the daemon's configuration ----

local names = {
    ["connectivity-request"] = "PDN CONNECTIVITY REQUEST",
    ["connectivity-accept"] = "PDN CONNECTIVITY ACCEPT",
    ["connectivity-reject"] = "PDN CONNECTIVITY REJECT",
    ["connectivity-complete"] = "PDN CONNECTIVITY COMPLETE",
    ["disconnect-request"] = "PDN DISCONNECT REQUEST",
    ["disconnect-accept"] = "PDN DISCONNECT ACCEPT",
    ["disconnect-reject"] = "PDN DISCONNECT REJECT",
    ["status"] = "STATUS",
    ["modification-request"] = "PDN MODIFICATION REQUEST",
    ["modification-accept"] = "PDN MODIFICATION ACCEPT",
    ["modification-reject"] = "PDN MODIFICATION REJECT",
    ["modification-indication"] = "PDN MODIFICATION INDICATION",
}

local defaults = [[
connectivity-request number 0x81; connectivity-request request-type M LOW;
connectivity-request pdn-type M HIGH; connectivity-request apn O TLV 28;
connectivity-request pco O TLV 27; connectivity-request nbifom O TLV 33;
connectivity-request n3g O NIBBLE a0;
connectivity-accept number 0x82; connectivity-accept apn M LV;
connectivity-accept pdn-address M LV;
connectivity-accept pdn-id M V; connectivity-accept user-plane M V; connectivity-accept pco O TLV 27;
connectivity-accept cause O TV 58; connectivity-accept nbifom O TLV 33;
connectivity-accept tw1 O TLV 37;
connectivity-reject number 0x83; connectivity-reject cause M V; connectivity-reject pco O TLV 27;
connectivity-reject tw1 O TLV 37; connectivity-reject nbifom O TLV 33;
connectivity-complete number 0x84;
disconnect-request number 0x85; disconnect-request pdn-id M V; disconnect-request pco O TLV 27;
disconnect-request cause C TV 58;
disconnect-accept number 0x86; disconnect-accept pco O TLV 27;
disconnect-reject number 0x87; disconnect-reject cause M V; disconnect-reject pco O TLV 27;
status number 0x88; status cause M V;
modification-request number 0x89; modification-request pdn-id M V;
modification-request pco O TLV 27; modification-request nbifom O TLV 33;
modification-accept number 0x8a; modification-accept pco O TLV 27;
modification-accept nbifom O TLV 33;
modification-reject number 0x8b; modification-reject cause M V; modification-reject pco O TLV 27;
modification-reject nbifom O TLV 33;
modification-indication number 0x8c; modification-indication pdn-id M V;
modification-indication pco O TLV 27; modification-indication nbifom O TLV 33;
]]

local layouts = {}  -- by name: { number, rows = { { ie, presence, format, iei } ... } }
local by_number = {}

local function find_row(rows, ie)
    for i, row in ipairs(rows) do
        if row.ie == ie then return i end
    end
end

-- A row that is there keeps its place; a new one goes behind those of its kind.
local function put_row(rows, row)
    local at = find_row(rows, row.ie)
    if at and (rows[at].presence == "M") == (row.presence == "M") then
        rows[at] = row
        return
    end
    if at then table.remove(rows, at) end
    at = #rows + 1
    if row.presence == "M" then
        while at > 1 and rows[at - 1].presence ~= "M" do at = at - 1 end
    end
    table.insert(rows, at, row)
end

-- True when the line could be taken.
local function set_line(line)
    local word = {}
    for w in line:gmatch("%S+") do word[#word + 1] = w end
    local layout = layouts[word[1]]
    if not layout or #word < 3 then return #word == 0 end
    if word[2] == "number" then
        layout.number = tonumber((word[3]:gsub("^0[xX]", "")), 16)
        return layout.number ~= nil
    end
    if word[3] == "-" then
        local at = find_row(layout.rows, word[2])
        if at then table.remove(layout.rows, at) end
        return at ~= nil
    end
    local row = { ie = word[2], presence = word[3], format = word[4],
        iei = word[5] and tonumber((word[5]:gsub("^0[xX]", "")), 16) }
    if not row.format then return false end
    put_row(layout.rows, row)
    return true
end

local function read_table(changes)
    local unread
    layouts, by_number = {}, {}
    for name in pairs(names) do layouts[name] = { rows = {} } end
    for _, text in ipairs({ defaults, changes }) do
        for line in (text .. ";"):gmatch("([^;]*);") do
            if not set_line(line) then unread = line end
        end
    end
    for name, layout in pairs(layouts) do
        if layout.number then by_number[layout.number] = name end
    end
    if unread then
        report_failure("wlcp.table: this line was not understood: " .. unread)
    end
end

wlcp.prefs.table = Pref.string("Changes to the table", "",
    "Lines such as: disconnect-reject number 0x8f; connectivity-accept cause O TV 59")

-- ---- fields ----

local f = {
    type = ProtoField.uint8("wlcp.type", "Message type", base.HEX),
    name = ProtoField.string("wlcp.name", "Message"),
    pti = ProtoField.uint8("wlcp.pti", "Procedure transaction identity"),
    ie = ProtoField.bytes("wlcp.ie", "Information element"),
    iei = ProtoField.uint8("wlcp.iei", "Identifier", base.HEX),
    len = ProtoField.uint16("wlcp.ie.len", "Length"),
    unknown = ProtoField.bytes("wlcp.ie.unknown", "Value"),
    request_type = ProtoField.uint8("wlcp.request_type", "Request type", base.DEC, request_types,
        0x07),
    pdn_type = ProtoField.uint8("wlcp.pdn_type", "PDN type", base.DEC, pdn_types, 0x70),
    apn = ProtoField.string("wlcp.apn", "Access point name"),
    pco = ProtoField.bytes("wlcp.pco", "Protocol configuration options"),
    pco_id = ProtoField.uint16("wlcp.pco.id", "Container", base.HEX, containers),
    pco_value = ProtoField.bytes("wlcp.pco.value", "Contents"),
    pco_ipv4 = ProtoField.ipv4("wlcp.pco.ipv4", "Address"),
    pco_ipv6 = ProtoField.ipv6("wlcp.pco.ipv6", "Address"),
    nbifom = ProtoField.bytes("wlcp.nbifom", "NBIFOM container"),
    n3g = ProtoField.uint8("wlcp.n3g", "UE N3G capability", base.HEX, nil, 0x0f),
    address_type = ProtoField.uint8("wlcp.address.type", "Address type", base.DEC, pdn_types, 0x07),
    interface_id = ProtoField.bytes("wlcp.address.interface_id", "Interface identifier",
        base.COLON),
    ipv4 = ProtoField.ipv4("wlcp.address.ipv4", "IPv4 address"),
    pdn_id = ProtoField.uint8("wlcp.pdn_id", "PDN connection identity"),
    user_plane = ProtoField.ether("wlcp.user_plane", "User plane connection identity"),
    cause = ProtoField.uint8("wlcp.cause", "Cause", base.DEC, causes),
    tw1 = ProtoField.uint8("wlcp.tw1", "Tw1", base.HEX),
    tw1_s = ProtoField.uint32("wlcp.tw1.seconds", "Seconds"),
}
wlcp.fields = f

local e = {
    short = ProtoExpert.new("wlcp.truncated", "The message ends too early", expert.group.MALFORMED,
        expert.severity.ERROR),
    mandatory = ProtoExpert.new("wlcp.mandatory", "Mandatory element missing or malformed",
        expert.group.MALFORMED, expert.severity.ERROR),
    conditional = ProtoExpert.new("wlcp.conditional", "A TWAG gives a cause; a UE need not",
        expert.group.PROTOCOL, expert.severity.CHAT),
    type = ProtoExpert.new("wlcp.type.unknown", "Message type not in the table",
        expert.group.UNDECODED, expert.severity.WARN),
    required = ProtoExpert.new("wlcp.ie.required", "Unknown element that must be understood",
        expert.group.PROTOCOL, expert.severity.ERROR),
    skipped = ProtoExpert.new("wlcp.ie.skipped", "Optional element passed by",
        expert.group.PROTOCOL, expert.severity.NOTE),
    reserved = ProtoExpert.new("wlcp.pti.reserved", "Reserved PTI", expert.group.PROTOCOL,
        expert.severity.WARN),
}
wlcp.experts = { e.short, e.mandatory, e.conditional, e.type, e.required, e.skipped, e.reserved }

-- ---- elements: each takes the value and says false when it is malformed ----

local function labels_of(range)
    local at, words = 0, {}
    while at < range:len() do
        local len = range(at, 1):uint()
        if len == 0 or at + 1 + len > range:len() then return nil end
        words[#words + 1] = range(at + 1, len):string()
        at = at + 1 + len
    end
    return #words > 0 and table.concat(words, ".") or nil
end

local function add_pco(tree, range)
    local at, item = 1, tree:add(f.pco, range)
    if range:len() == 0 or range(0, 1):uint() < 0x80 then return false end
    while at < range:len() do
        if at + 3 > range:len() then return false end
        local id, len = range(at, 2):uint(), range(at + 2, 1):uint()
        if at + 3 + len > range:len() then return false end
        local sub = item:add(f.pco_id, range(at, 2))
        if len > 0 then
            local value = range(at + 3, len)
            if id == 0x000d and len == 4 then sub:add(f.pco_ipv4, value)
            elseif id == 0x0003 and len == 16 then sub:add(f.pco_ipv6, value)
            else sub:add(f.pco_value, value) end
        end
        at = at + 3 + len
    end
    return true
end

local function add_address(tree, range)
    local kind, want, at = range(0, 1):uint() % 8, 1, 1
    if not pdn_types[kind] then return false end
    local v6, v4 = kind >= 2, kind % 2 == 1
    want = want + (v6 and 8 or 0) + (v4 and 4 or 0)
    tree:add(f.address_type, range(0, 1))
    if range:len() ~= want then return false end
    if v6 then
        tree:add(f.interface_id, range(at, 8))
        at = at + 8
    end
    if v4 then tree:add(f.ipv4, range(at, 4)) end
    return true
end

local units = { [0] = 600, 3600, 36000, 2, 30, 60, 1152000 }

local function add_tw1(tree, range)
    local octet = range(0, 1):uint()
    local unit = units[math.floor(octet / 32)]
    local item = tree:add(f.tw1, range)
    if unit then
        item:add(f.tw1_s, range, unit * (octet % 32)):set_generated()
    else
        item:append_text(" (deactivated)")
    end
    return true
end

local function plain(field, least, most)
    return function(tree, range)
        tree:add(field, range)
        return range:len() >= least and range:len() <= most
    end
end

local elements = {
    ["request-type"] = { 1, 1, function(tree, range)
        tree:add(f.request_type, range)
        return request_types[range:uint() % 8] ~= nil
    end },
    ["pdn-type"] = { 1, 1, plain(f.pdn_type, 1, 1) },
    ["apn"] = { 2, 100, function(tree, range)
        local text = labels_of(range)
        if text then tree:add(f.apn, range, text) end
        return text ~= nil
    end },
    ["pco"] = { 1, 251, add_pco },
    ["nbifom"] = { 1, 255, plain(f.nbifom, 1, 255) },
    ["n3g"] = { 1, 1, plain(f.n3g, 1, 1) },
    ["pdn-address"] = { 5, 13, add_address },
    ["pdn-id"] = { 1, 1, plain(f.pdn_id, 1, 1) },
    ["user-plane"] = { 6, 6, plain(f.user_plane, 6, 6) },
    ["cause"] = { 1, 1, plain(f.cause, 1, 1) },
    ["tw1"] = { 1, 1, add_tw1 },
}

-- ---- a message ----

local function take(tree, ie, range)
    local element = elements[ie]
    if range:len() < element[1] or range:len() > element[2] then return false end
    return element[3](tree, range)
end

-- The mandatory part; the offset behind it, or nil when it is not whole.
local function add_mandatory(buffer, tree, rows, at)
    for _, row in ipairs(rows) do
        if row.presence ~= "M" then break end
        local left = buffer:len() - at
        local from, len = at, elements[row.ie] and elements[row.ie][1]
        if not len or left < 1 then
            tree:add_proto_expert_info(e.short, "Ends before " .. row.ie)
            return nil
        end
        if row.format == "LV" then
            len = buffer(at, 1):uint()
            from = at + 1
        end
        if from + len > buffer:len() then
            tree:add_proto_expert_info(e.short, "Ends within " .. row.ie)
            return nil
        end
        if len == 0 or not take(tree, row.ie, buffer(from, len)) then
            tree:add_proto_expert_info(e.mandatory, "Malformed: " .. row.ie)
            return nil
        end
        if row.format ~= "LOW" then at = from + len end
    end
    return at
end

local function find_optional(rows, octet)
    local iei = octet >= 0x80 and octet - octet % 16 or octet
    for i, row in ipairs(rows) do
        if row.presence ~= "M" and row.iei == iei then return row, i end
    end
end

-- Where the value of the element at that offset begins and how long it is (TS 24.007 11.2.4).
local function extent(buffer, at, row)
    local octet, left = buffer(at, 1):uint(), buffer:len() - at
    if octet >= 0x80 then return at, 1 end
    if row and row.format == "TV" then return at + 1, elements[row.ie][1] end
    if octet >= 0x78 then
        if left < 3 then return nil end
        return at + 3, buffer(at + 1, 2):uint()
    end
    if left < 2 then return nil end
    return at + 2, buffer(at + 1, 1):uint()
end

local function add_optional(buffer, tree, rows, at)
    local last, seen = 0, {}
    while at < buffer:len() do
        local octet = buffer(at, 1):uint()
        local row, place = find_optional(rows, octet)
        local from, len = extent(buffer, at, row)
        if not from or from + len > buffer:len() then
            tree:add(f.ie, buffer(at)):add_proto_expert_info(e.short, "Ends within an element")
            return seen
        end
        local item = tree:add(f.ie, buffer(at, from + len - at))
        item:set_text("Information element: " .. (row and row.ie or "unknown"))
        item:add(f.iei, buffer(at, 1))
        if octet < 0x80 and from - at > 1 then item:add(f.len, buffer(at + 1, from - at - 1)) end
        local good = row and place > last and len > 0 and take(item, row.ie, buffer(from, len))
        if good then
            last, seen[row.ie] = place, true
        elseif not row and octet < 0x10 then
            item:add_proto_expert_info(e.required)
        else
            if not row and len > 0 then item:add(f.unknown, buffer(from, len)) end
            item:add_proto_expert_info(e.skipped)
        end
        at = from + len
    end
    return seen
end

function wlcp.dissector(buffer, pinfo, tree)
    if buffer:len() == 0 then return 0 end
    pinfo.cols.protocol = "WLCP"
    local item = tree:add(wlcp, buffer())
    local number = buffer(0, 1):uint()
    local name = by_number[number]
    local type_item = item:add(f.type, buffer(0, 1))
    local title = name and names[name] or string.format("unknown message %02x", number)
    pinfo.cols.info = title
    item:append_text(", " .. title)
    type_item:append_text(" (" .. title .. ")")
    if buffer:len() < 2 then
        item:add_proto_expert_info(e.short, "No PTI")
        return buffer:len()
    end
    local pti = item:add(f.pti, buffer(1, 1))
    pinfo.cols.info:append(string.format(", PTI %u", buffer(1, 1):uint()))
    if buffer(1, 1):uint() == 255 then pti:add_proto_expert_info(e.reserved) end
    if not name then
        type_item:add_proto_expert_info(e.type)
        return buffer:len()
    end
    item:add(f.name, buffer(0, 1), names[name]):set_generated()
    local rows = layouts[name].rows
    local at = add_mandatory(buffer, item, rows, 2)
    if not at then return buffer:len() end
    local seen = add_optional(buffer, item, rows, at)
    for _, row in ipairs(rows) do
        if row.presence == "C" and not seen[row.ie] then
            item:add_proto_expert_info(e.conditional, "Without " .. row.ie .. ": from a UE")
        end
    end
    return buffer:len()
end

function wlcp.init()
    read_table(wlcp.prefs.table)
end

function wlcp.prefs_changed()
    read_table(wlcp.prefs.table)
end

read_table("")
DissectorTable.get("dtls.port"):add(36411, wlcp)
