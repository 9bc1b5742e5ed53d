-- What goes behind a TWAG, for Wireshark and tshark: PMIPv6 in DTLS, the tunnel, and the user plane
-- of the lab. Installed and used as wlcp.lua beside it:
--
--     tshark -X lua_script:wlcp.lua -X lua_script:pmip.lua -r capture.pcapng -Y mipv6
--
--   * UDP port 5436 (RFC 5213): Wireshark takes it for Mobility Headers in clear. latchkeyd protects
--     them by DTLS with a pre-shared key, which is told by its first octets, and decrypted with the
--     keys of the capture or of a key log (see wlcp.lua).
--   * UDP port 5437: IP packets between TWAG and anchor; and the anchor's token, a zero octet and 16
--     more, which the TWAG sends back to show that it is there.
--   * UDP port 36412: the frames of devices of the lab, Ethernet in UDP.
--
-- Without it: -d udp.port==5436,dtls -d udp.port==5437,ip -d udp.port==36412,eth

local PMIP, TUNNEL, USER_PLANE = 5436, 5437, 36412
local ports = DissectorTable.get("udp.port")
local mobility = ports:get_dissector(PMIP)
local dtls = Dissector.get("dtls")
local pmip = Proto("latchkey_pmip", "PMIPv6, in DTLS or in clear")

function pmip.dissector(buffer, packet, tree)
    local type, version = buffer(0, 1):uint(), buffer:len() > 1 and buffer(1, 1):uint() or 0

    if type >= 20 and type <= 25 and version == 0xfe then
        return dtls:call(buffer, packet, tree)
    end
    return mobility:call(buffer, packet, tree)
end

if mobility ~= nil then
    ports:set(PMIP, pmip)
    DissectorTable.get("dtls.port"):add(PMIP, mobility)
end

local tunnel = Proto("latchkey_tunnel", "Tunnel between gateway and anchor")
local token = ProtoField.bytes("latchkey_tunnel.token", "Token of the path")
tunnel.fields = { token }
local ip = Dissector.get("ip")

function tunnel.dissector(buffer, packet, tree)
    if buffer:len() ~= 17 or buffer(0, 1):uint() ~= 0 then
        return ip:call(buffer, packet, tree)
    end
    packet.cols.protocol = "Tunnel"
    packet.cols.info = "Token of the path"
    tree:add(tunnel, buffer()):add(token, buffer(1))
end

ports:add(TUNNEL, tunnel)
ports:add(USER_PLANE, Dissector.get("eth_withoutfcs"))

-- Where a gateway says in a Heartbeat that its end of the tunnel is: vendor-specific, subtype 2: a
-- port, how often it beats, a word, and an address. Looked at behind all others: the way in does not matter.
local place = Proto("latchkey_place", "Place of the tunnel")
local place_port = ProtoField.uint16("latchkey_place.port", "Port")
local place_beats = ProtoField.uint32("latchkey_place.beats", "Milliseconds between Heartbeats")
local place_word = ProtoField.bytes("latchkey_place.word", "Word")
local place_ipv4 = ProtoField.ipv4("latchkey_place.ipv4", "Address")
local place_ipv6 = ProtoField.ipv6("latchkey_place.ipv6", "Address")
local HEARTBEAT, PLACE = 13, 2
local kind = Field.new("mip6.mhtype")
local subtype = Field.new("mip6.vsm.subtype")
place.fields = { place_port, place_beats, place_word, place_ipv4, place_ipv6 }

-- From the option's length: Wireshark's own field of its data is two octets short.
function place.dissector(buffer, packet, tree)
    local message, option = kind(), subtype()

    if message == nil or message.value ~= HEARTBEAT or option == nil or option.value ~= PLACE then
        return
    end
    local whole, at = option.source, option.offset
    local length = whole(at - 5, 1):uint() - 5
    if (length ~= 26 and length ~= 38) or at + 1 + length > whole:len() then
        return
    end
    local branch = tree:add(place, whole(at + 1, length))
    branch:add(place_port, whole(at + 1, 2))
    branch:add(place_beats, whole(at + 3, 4))
    branch:add(place_word, whole(at + 7, 16))
    branch:add(length == 26 and place_ipv4 or place_ipv6, whole(at + 23, length - 22))
end

register_postdissector(place)
