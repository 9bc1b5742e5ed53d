#include "io/tun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <linux/ipv6_route.h>
#include <linux/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static enum lk_status failed(char *error, size_t cap, const char *what, const char *name)
{
    (void)snprintf(error, cap, "cannot %s %s: %s%s", what, name, strerror(errno),
                   errno == EPERM || errno == EACCES
                       ? " (it takes CAP_NET_ADMIN, or a namespace of one's own: unshare --user "
                         "--map-root-user --net)"
                       : "");
    return LK_E_SYSTEM;
}

static bool bring_up(int socket4, const char *name)
{
    struct ifreq request = { 0 };

    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    request.ifr_mtu = LK_TUN_MTU;
    if (ioctl(socket4, SIOCSIFMTU, &request) != 0 || ioctl(socket4, SIOCGIFFLAGS, &request) != 0)
        return false;
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP | IFF_RUNNING);
    return ioctl(socket4, SIOCSIFFLAGS, &request) == 0;
}

static void put_v4(struct sockaddr *to, const uint8_t octets[4])
{
    struct sockaddr_in address = { .sin_family = AF_INET };

    memcpy(&address.sin_addr, octets, 4);
    memcpy(to, &address, sizeof address);
}

static bool route_v4(int socket4, const char *name, const struct lk_address_prefix *network)
{
    char device[IFNAMSIZ];
    struct rtentry route = { .rt_flags = RTF_UP, .rt_dev = device };
    uint32_t mask = network->bits == 96 ? 0 : htonl(UINT32_MAX << (128 - network->bits));
    uint8_t octets[4];

    (void)snprintf(device, sizeof device, "%s", name);
    put_v4(&route.rt_dst, network->address.octets + LK_ADDRESS_LEN - 4);
    memcpy(octets, &mask, sizeof octets);
    put_v4(&route.rt_genmask, octets);
    return ioctl(socket4, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

static bool route_v6(int socket6, int index, const struct lk_address_prefix *network)
{
    struct in6_rtmsg route = { .rtmsg_dst_len = network->bits, .rtmsg_metric = 1,
                               .rtmsg_flags = RTF_UP, .rtmsg_ifindex = index };

    memcpy(&route.rtmsg_dst, network->address.octets, LK_ADDRESS_LEN);
    return ioctl(socket6, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

static bool routes(int socket4, int socket6, const struct lk_tun_setup *setup)
{
    struct ifreq request = { 0 };

    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", setup->name);
    if (ioctl(socket4, SIOCGIFINDEX, &request) != 0)
        return false;
    for (size_t i = 0; i < setup->networks; i++) {
        const struct lk_address_prefix *network = &setup->network[i];

        if (lk_address_is_v4(&network->address) ? !route_v4(socket4, setup->name, network)
                                                : !route_v6(socket6, request.ifr_ifindex, network))
            return false;
    }
    return true;
}

static bool address_v4(int socket4, const struct lk_tun_setup *setup)
{
    static const uint8_t all[4] = { 255, 255, 255, 255 };
    struct ifreq request = { 0 };

    if (lk_address_is_any(&setup->address4))
        return true;
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", setup->name);
    put_v4(&request.ifr_addr, setup->address4.octets + LK_ADDRESS_LEN - 4);
    if (ioctl(socket4, SIOCSIFADDR, &request) != 0)
        return false;
    put_v4(&request.ifr_netmask, all);
    return ioctl(socket4, SIOCSIFNETMASK, &request) == 0;
}

static bool address_v6(int socket4, int socket6, const struct lk_tun_setup *setup)
{
    struct ifreq request = { 0 };
    struct in6_ifreq own = { .ifr6_prefixlen = LK_ADDRESS_BITS };

    if (lk_address_is_any(&setup->address6))
        return true;
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", setup->name);
    if (ioctl(socket4, SIOCGIFINDEX, &request) != 0)
        return false;
    memcpy(&own.ifr6_addr, setup->address6.octets, LK_ADDRESS_LEN);
    own.ifr6_ifindex = request.ifr_ifindex;
    return ioctl(socket6, SIOCSIFADDR, &own) == 0 || errno == EEXIST;
}

/* What does that with a socket of each family. */
static bool with_sockets(bool (*what)(int socket4, int socket6, const struct lk_tun_setup *setup),
                         const struct lk_tun_setup *setup)
{
    int socket4 = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int socket6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done = socket4 >= 0 && what(socket4, socket6, setup);
    int why = errno;

    if (socket4 >= 0)
        (void)close(socket4);
    if (socket6 >= 0)
        (void)close(socket6);
    errno = why;
    return done;
}

/* The routes last: they go with the address before. */
static bool address(int socket4, int socket6, const struct lk_tun_setup *setup)
{
    return address_v4(socket4, setup) && address_v6(socket4, socket6, setup) &&
           routes(socket4, socket6, setup);
}

static bool configure(int socket4, int socket6, const struct lk_tun_setup *setup)
{
    return bring_up(socket4, setup->name) && address(socket4, socket6, setup);
}

/* The one of IPv4 is replaced; of IPv6 there may be several. */
static bool forget_v6(int socket4, int socket6, const struct lk_tun_setup *setup)
{
    struct ifreq request = { 0 };
    struct in6_ifreq own = { .ifr6_prefixlen = LK_ADDRESS_BITS };

    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", setup->name);
    if (ioctl(socket4, SIOCGIFINDEX, &request) != 0)
        return false;
    memcpy(&own.ifr6_addr, setup->address6.octets, LK_ADDRESS_LEN);
    own.ifr6_ifindex = request.ifr_ifindex;
    return ioctl(socket6, SIOCDIFADDR, &own) == 0;
}

bool lk_tun_address(const struct lk_tun_setup *setup, const struct lk_tun_setup *before)
{
    bool other = !lk_address_is_any(&before->address6) &&
                 !lk_address_equal(&before->address6, &setup->address6);

    return (!other || with_sockets(forget_v6, before)) && with_sockets(address, setup);
}

enum lk_status lk_tun_open(int *fd, const struct lk_tun_setup *setup, char *error, size_t cap)
{
    struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    enum lk_status status;

    *fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0)
        return failed(error, cap, "open", "/dev/net/tun");
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", setup->name);
    if (ioctl(*fd, TUNSETIFF, &request) == 0 && with_sockets(configure, setup))
        return LK_OK;
    status = failed(error, cap, "set up the TUN device", setup->name);
    (void)close(*fd);
    *fd = -1;
    return status;
}
