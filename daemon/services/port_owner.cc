#include "daemon/services/port_owner.h"

#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/docker/compose_labels.h"

namespace nopo {
namespace {

constexpr absl::string_view kListenState = "0A";
// Columns of /proc/net/tcp.
constexpr size_t kLocalAddress = 1, kState = 3, kInode = 9;

// "127.0.0.1:8080", "[::]:80", with what follows it cut off.
PortMapping AddressAt(absl::string_view text) {
  text = text.substr(0, text.find(' '));
  text = absl::StripSuffix(text, ":");
  const size_t colon = text.rfind(':');
  PortMapping address;
  if (colon == absl::string_view::npos) return address;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &address.host_port)) address.host_port = 0;
  const absl::string_view ip = text.substr(0, colon);
  address.host_ip = std::string(absl::StripSuffix(absl::StripPrefix(ip, "["), "]"));
  return address;
}

bool IsAnyAddress(absl::string_view ip) { return ip.empty() || ip == "0.0.0.0" || ip == "::"; }

std::string ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool HasSocket(const std::filesystem::path& process, uint64_t inode) {
  const std::string wanted = absl::StrCat("socket:[", inode, "]");
  std::error_code error;
  for (std::filesystem::directory_iterator entry(process / "fd", error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code unreadable;
    if (std::filesystem::read_symlink(entry->path(), unreadable) == wanted) return true;
  }
  return false;
}

std::string ProcessWithSocket(const std::filesystem::path& proc, uint64_t inode) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(proc, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string pid = entry->path().filename().string();
    const bool is_process = !pid.empty() && absl::ascii_isdigit(static_cast<unsigned char>(pid[0]));
    if (!is_process || !HasSocket(entry->path(), inode)) continue;
    const std::string comm = ReadWhole(entry->path() / "comm");
    return absl::StrCat("process '", absl::StripAsciiWhitespace(comm), "' (pid ", pid, ")");
  }
  return "";
}

}  // namespace

PortMapping PortInMessage(absl::string_view message) {
  for (const absl::string_view before :
       {"Bind for ", "listen tcp4 ", "listen tcp6 ", "listen tcp ", "listen udp4 ", "listen udp6 ",
        "listen udp ", "exposing port TCP ", "exposing port UDP "}) {
    const size_t at = message.find(before);
    if (at == absl::string_view::npos) continue;
    const PortMapping address = AddressAt(message.substr(at + before.size()));
    if (address.host_port != 0) return address;
  }
  return {};
}

const Container* PortPublisher(const std::vector<Container>& containers, const PortMapping& port,
                               absl::string_view except_id) {
  for (const Container& container : containers) {
    if (container.id == except_id || container.state != ContainerState::kRunning) continue;
    for (const PortMapping& published : container.ports) {
      const bool same_address = published.host_ip == port.host_ip ||
                                IsAnyAddress(published.host_ip) || IsAnyAddress(port.host_ip);
      if (published.host_port == port.host_port && same_address) return &container;
    }
  }
  return nullptr;
}

std::optional<uint64_t> ListeningInode(absl::string_view proc_net_tcp, int port) {
  for (const absl::string_view line : absl::StrSplit(proc_net_tcp, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> columns = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (columns.size() <= kInode || columns[kState] != kListenState) continue;
    const absl::string_view local = columns[kLocalAddress];
    int local_port = 0;
    uint64_t inode = 0;
    if (!absl::SimpleHexAtoi(local.substr(local.rfind(':') + 1), &local_port)) continue;
    if (local_port == port && absl::SimpleAtoi(columns[kInode], &inode)) return inode;
  }
  return std::nullopt;
}

std::string ListeningProcess(const std::filesystem::path& proc, int port) {
  for (const char* table : {"net/tcp", "net/tcp6"}) {
    const std::optional<uint64_t> inode = ListeningInode(ReadWhole(proc / table), port);
    if (!inode) continue;
    std::string process = ProcessWithSocket(proc, *inode);
    if (!process.empty()) return process;
  }
  return "";
}

std::string PortOwner(DockerEngine& engine, const PortMapping& port, absl::string_view except_id,
                      const Cancellation& cancellation) {
  const absl::StatusOr<std::vector<Container>> all = engine.ListContainers({}, cancellation);
  if (all.ok()) {
    if (const Container* owner = PortPublisher(*all, port, except_id)) {
      const std::string project = LabelOf(owner->labels, kLabelProject);
      return absl::StrCat("container ", owner->name,
                          project.empty() ? "" : absl::StrCat(" (project ", project, ")"));
    }
  }
  return ListeningProcess("/proc", port.host_port);
}

}  // namespace nopo
