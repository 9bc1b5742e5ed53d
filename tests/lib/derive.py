"""The derivations that latchkey has, once more, over python3-cryptography and hashlib: Milenage,
TUAK, the KDFs, both EAP key blocks, the WLCP key, the EPS hierarchy, the keys of 802.11, of ERP, of
802.21, of GBA, AKMA, HTTP Digest and RFC 3957. For tests that judge the binary."""
import base64
import hashlib
import hmac

from cryptography.hazmat.primitives import cmac, hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.kdf.kbkdf import CounterLocation, KBKDFCMAC, KBKDFHMAC, Mode


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def aes(key, block):
    run = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return run.update(block) + run.finalize()


def milenage(k, opc, rand, sqn, amf):
    temp = aes(k, xor(rand, opc))

    def out(rotation, constant):
        block = xor(temp, opc)
        block = block[rotation:] + block[:rotation]
        return xor(aes(k, block[:-1] + bytes([block[-1] ^ constant])), opc)

    in1 = xor(sqn + amf + sqn + amf, opc)
    out1 = xor(aes(k, xor(temp, in1[8:] + in1[:8])), opc)
    out2 = out(0, 1)
    keys = {"mac_a": out1[:8], "mac_s": out1[8:], "res": out2[8:], "ck": out(4, 2),
            "ik": out(8, 4), "ak": out2[:6], "ak_star": out(12, 8)[:6]}
    return keys | {"autn": xor(sqn, keys["ak"]) + amf + keys["mac_a"]}


def keccak_f(state):
    """Keccak-f[1600] from its five steps, lanes and constants made as FIPS 202 3.2 says."""
    mask = (1 << 64) - 1

    def turn(lane, by):
        by %= 64
        return ((lane << by) | (lane >> (64 - by))) & mask

    a = [[int.from_bytes(state[8 * (x + 5 * y):][:8], "little") for y in range(5)]
         for x in range(5)]
    register = 1
    for _ in range(24):
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        d = [c[(x - 1) % 5] ^ turn(c[(x + 1) % 5], 1) for x in range(5)]
        a = [[a[x][y] ^ d[x] for y in range(5)] for x in range(5)]
        x, y, lane = 1, 0, a[1][0]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            lane, a[x][y] = a[x][y], turn(lane, (t + 1) * (t + 2) // 2)
        a = [[a[x][y] ^ (~a[(x + 1) % 5][y] & a[(x + 2) % 5][y]) for y in range(5)]
             for x in range(5)]
        for bit in range(7):
            register = ((register << 1) ^ ((register >> 7) * 0x171)) & 0xff
            if register & 2:
                a[0][0] ^= 1 << ((1 << bit) - 1)
    return b"".join(a[x][y].to_bytes(8, "little") for y in range(5) for x in range(5))


def tuak(k, topc, rand, sqn, amf, mac=64, res=64, ck=128, ik=128, iterations=1):
    def run(instance, rand, sqn=bytes(6), amf=bytes(2)):
        state = (topc[::-1] + bytes([instance | (len(k) == 32)]) + b"TUAK1.0"[::-1] + rand[::-1] +
                 amf[::-1] + sqn[::-1] + k[::-1] + bytes(32 - len(k)) + b"\x1f" + bytes(38) +
                 b"\x80" + bytes(64))
        assert len(state) == 200
        for _ in range(iterations):
            state = keccak_f(state)
        return lambda at, length: state[at:at + length][::-1]

    keys = run(0x40 | (0 if res == 32 else res // 8) | (4 if ck == 256 else 0) |
               (2 if ik == 256 else 0), rand)
    out = {"topc": run(0, bytes(16))(0, 32),   # of what was given as TOP
           "mac_a": run(mac // 8, rand, sqn, amf)(0, mac // 8),
           "mac_s": run(0x80 | mac // 8, rand, sqn, amf)(0, mac // 8),
           "res": keys(0, res // 8), "ck": keys(32, ck // 8), "ik": keys(64, ik // 8),
           "ak": keys(96, 6), "ak_star": run(0xc0, rand)(96, 6)}
    if mac == 64:
        out["autn"] = xor(sqn, out["ak"]) + amf + out["mac_a"]
    return out


def hmac_sha256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def kdf(key, fc, *params):
    return hmac_sha256(key, bytes([fc]) + b"".join(p + len(p).to_bytes(2, "big") for p in params))


def prf_prime(key, s, length):
    out = t = b""
    n = 0
    while len(out) < length:
        n += 1
        t = hmac_sha256(key, t + s + bytes([n]))
        out += t
    return out[:length]


def sha1_compress(block):
    """SHA-1 after one block from its start value, without padding: FIPS 180-4 6.1.2."""
    def turn(word, by):
        return ((word << by) | (word >> (32 - by))) & 0xffffffff

    start = (0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
    w = [int.from_bytes(block[4 * i:4 * i + 4], "big") for i in range(16)]
    for t in range(16, 80):
        w.append(turn(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1))
    a, b, c, d, e = start
    for t in range(80):
        f, k = (((b & c) | (~b & d), 0x5a827999) if t < 20 else
                (b ^ c ^ d, 0x6ed9eba1) if t < 40 else
                ((b & c) | (b & d) | (c & d), 0x8f1bbcdc) if t < 60 else
                (b ^ c ^ d, 0xca62c1d6))
        a, b, c, d, e = (turn(a, 5) + (f & 0xffffffff) + e + k + w[t]) & 0xffffffff, a, \
            turn(b, 30), c, d
    return b"".join(((x + y) & 0xffffffff).to_bytes(4, "big")
                    for x, y in zip(start, (a, b, c, d, e)))


def fips186(xkey, length):
    out, number = b"", int.from_bytes(xkey, "big")
    while len(out) < length:
        w = sha1_compress(number.to_bytes(20, "big") + bytes(44))
        number = (1 + number + int.from_bytes(w, "big")) % 2 ** 160
        out += w
    return out[:length]


def cut(octets, *parts):
    keys, at = {}, 0
    for name, length in parts:
        keys[name] = octets[at:at + length]
        at += length
    return keys


def ck_ik_prime(ck, ik, autn, network_name):
    return cut(kdf(ck + ik, 0x20, network_name, autn[:6]), ("ck_prime", 16), ("ik_prime", 16))


def aka_prime(ck_prime, ik_prime, identity):
    return cut(prf_prime(ik_prime + ck_prime, b"EAP-AKA'" + identity, 208), ("k_encr", 16),
               ("k_aut", 32), ("k_re", 32), ("msk", 64), ("emsk", 64))


def aka_prime_reauth(k_re, identity, counter, nonce_s):
    s = b"EAP-AKA' re-auth" + identity + counter.to_bytes(2, "big") + nonce_s
    return cut(prf_prime(k_re, s, 128), ("msk", 64), ("emsk", 64))


def aka(ck, ik, identity):
    mk = hashlib.sha1(identity + ik + ck).digest()
    return cut(fips186(mk, 160), ("k_encr", 16), ("k_aut", 16), ("msk", 64),
               ("emsk", 64)) | {"mk": mk}


def aka_reauth(mk, identity, counter, nonce_s):
    xkey = hashlib.sha1(identity + counter.to_bytes(2, "big") + nonce_s + mk).digest()
    return cut(fips186(xkey, 140), ("msk", 64), ("emsk", 64))


def wlcp(emsk, fc, *params):
    key = kdf(emsk, fc, *params)
    size = len(key).to_bytes(2, "big")
    return {"wlcp_key": key, "psk_identity": hmac_sha256(key, b"wlcp psk id")[:16],
            "premaster": size + bytes(len(key)) + size + key}


def kasme(ck, ik, sn_id, sqn_xor_ak):
    return {"kasme": kdf(ck + ik, 0x10, sn_id, sqn_xor_ak)}


def kenb(kasme, ul_nas_count):
    return {"kenb": kdf(kasme, 0x11, ul_nas_count)}


def nh(kasme, sync_input):
    return {"nh": kdf(kasme, 0x12, sync_input)}


def kenb_star(parent, pci, earfcn_dl):
    octets = earfcn_dl.to_bytes(2 if earfcn_dl < 2 ** 16 else 3, "big")
    return {"kenb_star": kdf(parent, 0x13, pci.to_bytes(2, "big"), octets)}


def algorithm_keys(parent, eea, eia, **types):
    return {name: kdf(parent, 0x15, bytes([kind]),
                      bytes([eea if name.endswith("enc") else eia]))[16:]
            for name, kind in types.items()}


def nas_keys(kasme, eea, eia):
    return algorithm_keys(kasme, eea, eia, k_nas_enc=1, k_nas_int=2)


def as_keys(kenb, eea, eia):
    return algorithm_keys(kenb, eea, eia, k_rrc_enc=3, k_rrc_int=4, k_up_enc=5, k_up_int=6)


def s_kwt(kenb, wt_counter, fc=0x1f):
    return {"s_kwt": kdf(kenb, fc, wt_counter.to_bytes(2, "big"))}


def hmac_sha1(key, data):
    return hmac.new(key, data, hashlib.sha1).digest()


def prf_80211(key, label, data, length):
    return b"".join(hmac_sha1(key, label + b"\0" + data + bytes([i]))
                    for i in range(-(-length // 20)))[:length]


def kdf_80211(key, label, context, length):
    bits = (8 * length).to_bytes(2, "little")
    return b"".join(hmac_sha256(key, i.to_bytes(2, "little") + label + context + bits)
                    for i in range(1, 1 - -length // 32))[:length]


def ptk(pmk, aa, spa, anonce, snonce, akm):
    expand, mac = (prf_80211, hmac_sha1) if akm in (1, 2) else (kdf_80211, hmac_sha256)
    data = b"".join(sorted((aa, spa)) + sorted((anonce, snonce)))
    return cut(expand(pmk, b"Pairwise key expansion", data, 48), ("kck", 16), ("kek", 16),
               ("tk", 16)) | {"pmkid": mac(pmk, b"PMK Name" + aa + spa)[:16]}


def eapol_mic(kck, akm, frame):
    """Of the whole 802.1X PDU, with zeroes where the MIC stands."""
    frame = frame[:81] + bytes(16) + frame[97:]
    return hmac_sha1(kck, frame)[:16] if akm in (1, 2) else aes_cmac(kck, frame)


def aes_cmac(key, data):
    run = cmac.CMAC(algorithms.AES(key))
    run.update(data)
    return run.finalize()


def prf_plus(key, s, length):
    """prf+ of IKEv2 with HMAC-SHA-256, which is the second half of HKDF."""
    return HKDFExpand(hashes.SHA256(), length, s).derive(key)


def rfc5295(key, label, data=b"", length=64):
    return prf_plus(key, label + b"\0" + data + length.to_bytes(2, "big"), length)


def emsk_name(session_id):
    return {} if session_id is None else {"emsk_name": rfc5295(session_id, b"EMSK", length=8)}


def usrk(label, data=b"", emsk=None, dsrk=None):
    return {"usrk": rfc5295(emsk, label, data)} if emsk else {"dsusrk": rfc5295(dsrk, label, data)}


def dsrk(emsk, domain, session_id=None):
    return {"dsrk": rfc5295(emsk, b"dsrk@ietf.org", domain),
            "delivery_key": rfc5295(emsk, b"DSRK Delivery Authorized Key@ietf.org",
                                    domain)} | emsk_name(session_id)


def erp(emsk=None, dsrk=None, cryptosuite=2, seq=0, session_id=None):
    rrk = rfc5295(emsk or dsrk, b"EAP Re-authentication Root Key@ietf.org")
    return {"rrk": rrk,
            "rik": rfc5295(rrk, b"Re-authentication Integrity Key@ietf.org",
                           bytes([cryptosuite])),
            "rmsk": rfc5295(rrk, b"Re-authentication Master Session Key@ietf.org",
                            seq.to_bytes(2, "big"))} | emsk_name(session_id)


def aak(seq, emsk=None, dsrk=None):
    prk = rfc5295(emsk or dsrk, b"EAP Early-Authentication Root Key@ietf.org")
    return {"prk": prk,
            "pmsk": rfc5295(prk, b"EAP Early-Authentication Master Session Key@ietf.org",
                            seq.to_bytes(2, "big"))}


def mis_prf(prf, key, data):
    return (aes_cmac(key[:16], data), hmac_sha1(key, data), hmac_sha256(key, data))[prf]


def mis_kdf(prf, key, label, context, length):
    """The counter mode of SP 800-108 as the library has it, told that its counter is in the
    middle: behind the label, which it takes for the first half of the fixed input."""
    fixed = context + (8 * length).to_bytes(4, "big")
    options = {"mode": Mode.CounterMode, "length": length, "rlen": 4, "llen": None,
               "location": CounterLocation.MiddleFixed, "label": None, "context": None,
               "fixed": label + fixed, "break_location": len(label)}
    if prf == 0:
        return KBKDFCMAC(algorithms.AES, **options).derive(key[:16])
    return KBKDFHMAC(hashes.SHA1() if prf == 1 else hashes.SHA256(), **options).derive(key)


def mis_k(pos, emsk=None, rmsk=None, label=b"mis-k@latchkey.example"):
    """K of full establishment: of one PoS."""
    return {"k": rfc5295(emsk or rmsk, label, pos.encode())}


def mis(k, nonce_t, nonce_n, prf, suite, c=None):
    lengths = (("miak", (16, 20, 32)[prf]), ("miik", (0, 20, 20, 16)[suite - 1]),
               ("miek", (16, 16, 0, 0)[suite - 1]))
    misk = mis_kdf(prf, k, b"MIK", nonce_t + nonce_n + (c or bytes([suite])),
                   sum(length for _, length in lengths))
    return {name: key for name, key in cut(misk, *lengths).items() if key}


def named(octets):
    return len(octets).to_bytes(2, "big") + octets


def mis_auth(miak, prf, said, nonce_t, nonce_n, c, mn, pos, lifetime, spos=b"", used=0, dh_mn=b"",
             dh_pos=b"", offered=b""):
    th = hashlib.sha256(b"MIS-TH-1\0" + named(said) + nonce_t + nonce_n + c + bytes([prf]) +
                        named(mn) + named(pos) + named(spos) + bytes([used]) +
                        lifetime.to_bytes(4, "big") + dh_mn + dh_pos +
                        (named(offered) if offered else b"")).digest()
    return {"th": th, "auth_n": mis_prf(prf, miak, b"MIS-AUTH-N\0" + th)[:16],
            "auth_t": mis_prf(prf, miak, b"MIS-AUTH-T\0" + th)[:16]}


def mis_mix(k, z, nonce_t, nonce_n):
    return {"k": prf_plus(k, b"MIS-DH-MIX\0" + z + nonce_t + nonce_n + b"\0\x40", 64)}


def mis_link(k, prf, mn, pos, mn_link, poa_link):
    msrk = mis_kdf(prf, k, b"MSRK", named(mn) + named(pos), 64)
    return {"msrk": msrk, "mspmk": mis_kdf(prf, msrk, b"MSPMK", named(mn_link) + named(poa_link),
                                           32)}


def hmac_md5(key, data):
    return hmac.new(key, data, hashlib.md5).digest()


def ks_naf(ks, rand, impi, naf_fqdn, ua_id):
    naf_id = naf_fqdn.encode() + ua_id
    return {"ks_naf": kdf(ks, 1, b"gba-me", rand, impi.encode(), naf_id),
            "ks_int_naf": kdf(ks, 1, b"gba-u", rand, impi.encode(), naf_id)}


def tmpi(ks, rand, impi, bsf):
    octets = kdf(ks, 1, b"gba-me", rand, impi.encode(), bsf.encode() + bytes([1, 0, 0, 1, 0]))
    return {"tmpi": base64.b64encode(octets[:24]) + b"@tmpi.bsf.3gppnetwork.org",
            "b_tid": base64.b64encode(rand) + b"@" + bsf.encode()}


def akma(kausf, supi, af_fqdn, ua_id):
    k_akma = kdf(kausf, 0x80, b"AKMA", supi.encode())
    return {"k_akma": k_akma, "a_tid": kdf(kausf, 0x81, b"A-TID", supi.encode()),
            "k_af": kdf(k_akma, 0x82, af_fqdn.encode() + ua_id)}


def bound(fc, ck, ik, serving_network, sqn_xor_ak):
    """K_AUSF of 5G AKA (6a), K_HSE (63, 64)."""
    return kdf(ck + ik, fc, serving_network.encode(), sqn_xor_ak)


def digest_password(algorithm, res=b"", ck=b"", ik=b"", ks_naf=b""):
    if algorithm == "AKAv2-MD5" and res:
        return base64.b64encode(hmac_md5(res + ik + ck, b"http-digest-akav2-password"))
    return base64.b64encode(ks_naf) if ks_naf else res


def digest(algorithm, username, realm, nonce, method, uri, qop="", nc="", cnonce="", body=b"",
           answer=None, res=b"", ck=b"", ik=b"", ks_naf=b""):
    """What latchkey keys digest-aka prints."""
    def h(*parts):
        joined = b":".join(p.encode() if isinstance(p, str) else p for p in parts)
        return (hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5)(joined)

    def response(method, body):
        whole = [h(body).hexdigest()] if qop == "auth-int" else []
        ha2 = h(method, uri, *whole)
        middle = [nonce, nc, cnonce, qop] if qop else [nonce]
        return ha2.digest(), h(ha1.hexdigest(), *middle, ha2.hexdigest()).digest()

    ha1 = h(username, realm, digest_password(algorithm, res, ck, ik, ks_naf))
    out = {"ha1": ha1.digest()}
    out["ha2"], out["response"] = response(method, body)
    if answer is not None:
        out["ha2_answer"], out["rspauth"] = response("", answer)
    if algorithm == "AKAv2-MD5" and res:
        out["ik_prime"] = hmac_md5(ik, b"http-digest-akav2-integritykey")
        out["ck_prime"] = hmac_md5(ck, b"http-digest-akav2-cipherkey")
    return out


def rfc3957(aaa_key, nonce, identifier):
    key = hmac_sha1(aaa_key, nonce + identifier)
    return {"key": key, "key_128": key[:16]}
