-- Mobile IP for Wireshark and tshark: what their own dissectors lack. Installed and used as wlcp.lua
-- beside it:
--
--     tshark -X lua_script:mip.lua -r capture.pcapng -Y mip
--
--   * UDP port 434: extensions 40 to 43 (keys of nonces, RFC 3957) have a length of two octets behind
--     a subtype. Wireshark 4 takes the subtype for the length, loses its way there, and calls the
--     message malformed. Here they are shown (latchkey_mip.*), and all else is given to Wireshark.
--   * UDP port 4191 (RFC 5555): each datagram is a packet of IPv6, or of IPv4.
--   * the B-TID that a key comes of, in vendor extension 134 and in vendor option 19 of MIPv6.
--
-- Agents on other ports: -o latchkey_mip.ports:434,10434 -o latchkey_mip.ports6:4191,14191
-- Without it, where no key is asked for: -d udp.port==10434,mip -d udp.port==4191,ip

local mip = Proto("latchkey_mip", "Mobile IP with keys of nonces")
local own = Dissector.get("mip")
local ip = Dissector.get("ip")
local ports = DissectorTable.get("udp.port")

local NAMES = { [40] = "MN-FA key request", [41] = "MN-FA key reply",
                [42] = "MN-HA key request", [43] = "MN-HA key reply" }
local ALGORITHMS = { [1] = "HMAC-MD5", [2] = "HMAC-SHA-1", [5] = "HMAC-SHA-256" }
local REPLAY = { [2] = "timestamps", [3] = "nonces" }
local FIXED = { [1] = 24, [3] = 20 } -- request, reply
local LONG = { [36] = true, [38] = true, [40] = true, [41] = true, [42] = true, [43] = true,
               [47] = true }
local VENDOR, ENTERPRISE, B_TID, B_TID6 = 134, 32473, 1, 3

local f = {
    type = ProtoField.uint8("latchkey_mip.key", "Extension", base.DEC, NAMES),
    subtype = ProtoField.uint8("latchkey_mip.key.subtype", "Subtype"),
    spi = ProtoField.uint32("latchkey_mip.key.mn_spi", "SPI of the mobile node"),
    lifetime = ProtoField.uint32("latchkey_mip.key.lifetime", "Lifetime in seconds"),
    aaa = ProtoField.uint32("latchkey_mip.key.aaa_spi", "SPI with the home AAA"),
    agent = ProtoField.uint32("latchkey_mip.key.agent_spi", "SPI of the agent"),
    algorithm = ProtoField.uint16("latchkey_mip.key.algorithm", "Algorithm", base.DEC, ALGORITHMS),
    replay = ProtoField.uint16("latchkey_mip.key.replay", "Replay method", base.DEC, REPLAY),
    nonce = ProtoField.bytes("latchkey_mip.key.nonce", "Nonce"),
    b_tid = ProtoField.string("latchkey_mip.b_tid", "B-TID"),
}
local cut = ProtoExpert.new("latchkey_mip.cut", "An extension is shorter than it says, or must be",
                            expert.group.MALFORMED, expert.severity.ERROR)

mip.fields = { f.type, f.subtype, f.spi, f.lifetime, f.aaa, f.agent, f.algorithm, f.replay, f.nonce,
               f.b_tid }
mip.experts = { cut }
mip.prefs.ports = Pref.range("UDP ports of Mobile IPv4", "434", "Where agents listen", 65535)
mip.prefs.ports6 = Pref.range("UDP ports of MIPv6", "4191", "Where home agents listen", 65535)

-- Where each extension begins and how long it is, head and all; nil: they do not fit.
local function extensions(buffer)
    local found, at = {}, FIXED[buffer(0, 1):uint()]

    while at ~= nil and at < buffer:len() do
        local type = buffer(at, 1):uint()
        local head = LONG[type] and 4 or 2

        if at + head > buffer:len() then
            return nil
        end
        local length = head + (head == 4 and buffer(at + 2, 2):uint() or buffer(at + 1, 1):uint())
        if at + length > buffer:len() then
            return nil
        end
        found[#found + 1] = { type = type, at = at, length = length }
        at = at + length
    end
    return found
end

-- spec: RFC 3957 6 - requests have the SPI that the node gives; replies what the key is, and its nonce.
local function show(buffer, tree, extension)
    local at, last = extension.at, extension.at + extension.length
    local branch = tree:add(mip, buffer(at, extension.length), NAMES[extension.type])
    local reply, ha = extension.type % 2 == 1, extension.type >= 42
    local least = reply and (ha and 20 or 18) or 8

    branch:add(f.type, buffer(at, 1))
    branch:add(f.subtype, buffer(at + 1, 1))
    if extension.length < least then
        branch:add_proto_expert_info(cut)
        return
    end
    if not reply then
        branch:add(f.spi, buffer(at + 4, 4))
        return
    end
    branch:add(f.lifetime, buffer(at + 4, 4))
    branch:add(f.aaa, buffer(at + 8, 4))
    branch:add(f.agent, buffer(at + 12, 4))
    branch:add(f.algorithm, buffer(at + 16, 2))
    if ha then
        branch:add(f.replay, buffer(at + 18, 2))
    end
    if last > at + least then
        branch:add(f.nonce, buffer(at + least, last - at - least))
    end
end

local function show_b_tid(buffer, tree, extension)
    local at = extension.at

    if extension.length > 10 and buffer(at + 4, 4):uint() == ENTERPRISE
        and buffer(at + 8, 2):uint() == B_TID then
        tree:add(mip, buffer(at, extension.length), "Key of a bootstrapping")
            :add(f.b_tid, buffer(at + 10, extension.length - 10))
    end
end

-- What is malformed Wireshark has marked before it says so here.
local function read(octets, packet, tree)
    pcall(function() own:call(octets, packet, tree) end)
end

-- What is left without the extensions of keys is a message that Wireshark reads.
function mip.dissector(buffer, packet, tree)
    local fixed = FIXED[buffer(0, 1):uint()]
    local found = fixed ~= nil and extensions(buffer) or nil
    local rest, from, keys = ByteArray.new(), 0, false

    for _, extension in ipairs(found or {}) do
        if NAMES[extension.type] ~= nil then
            keys = true
            rest = rest .. buffer:bytes(from, extension.at - from)
            from = extension.at + extension.length
        end
    end
    if not keys then
        read(buffer, packet, tree)
    else
        if from < buffer:len() then
            rest = rest .. buffer:bytes(from, buffer:len() - from)
        end
        read(rest:tvb("Without key extensions"), packet, tree)
    end
    if fixed ~= nil and found == nil then
        tree:add(mip, buffer()):add_proto_expert_info(cut)
    end
    for _, extension in ipairs(found or {}) do
        if NAMES[extension.type] ~= nil then
            show(buffer, tree, extension)
        elseif extension.type == VENDOR then
            show_b_tid(buffer, tree, extension)
        end
    end
    return buffer:len()
end

local at, at6 = "434", "4191"

function mip.prefs_changed()
    ports:remove(at, mip)
    ports:remove(at6, ip)
    at, at6 = tostring(mip.prefs.ports), tostring(mip.prefs.ports6)
    ports:add(at, mip)
    ports:add(at6, ip)
end

ports:set(434, mip)
ports:add(4191, ip)

-- Of MIPv6, looked at behind all others; from the option's length, as Wireshark's own field of its data
-- is two octets short.
local b_tid = Proto("latchkey_mip6", "Key of a bootstrapping, in MIPv6")
local b_tid_text = ProtoField.string("latchkey_mip6.b_tid", "B-TID")
local kind, subtype = Field.new("mip6.mhtype"), Field.new("mip6.vsm.subtype")
local UPDATE = 5

b_tid.fields = { b_tid_text }

function b_tid.dissector(_, _, tree)
    local message, option = kind(), subtype()

    if message == nil or message.value ~= UPDATE or option == nil or option.value ~= B_TID6 then
        return
    end
    local whole, offset = option.source, option.offset
    local length = whole(offset - 5, 1):uint() - 5
    if length > 0 and offset + 1 + length <= whole:len() then
        tree:add(b_tid, whole(offset + 1, length)):add(b_tid_text, whole(offset + 1, length))
    end
end

register_postdissector(b_tid)
