// Ports and volumes of `compose:`, in their short and long syntaxes.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/project/compose_attributes_reader.h"
#include "daemon/project/quantities.h"

namespace nopo {
namespace {

constexpr absl::string_view kVolumeForm =
    "a volume like './src:/app/src', 'data:/var/lib/data:ro' or '/cache'";
constexpr absl::string_view kPathInContainer = "an absolute path in the container";
// A short text can stand for all ports there are, and a list can hold it many times.
constexpr size_t kMostPorts = 65'535;

void ReadLongPort(const ConfigValue& value, std::vector<PublishedPort>& ports) {
  PublishedPort port;
  ConfigMap map(value);
  map.Read("host_ip", port.host_ip);
  map.Read("published", port.published);
  map.Read("protocol", port.protocol);
  const auto target = map.TakeSet("target");
  map.RejectUnknownKeys();
  if (!target.has_value()) return value.AddError("found no 'target'; expected a container port");
  const auto number = target->Integer(1, 65535);
  if (!number.has_value()) return;
  port.target = static_cast<int>(*number);
  // The short syntax knows which texts are ports and protocols.
  const std::string short_form = port.published + ":" + target->Spelling() + "/" + port.protocol;
  if (!ParsePorts(short_form).has_value()) {
    return value.AddError(
        "found a wrong 'published' or 'protocol'; expected a port or a range, and "
        "'tcp' or 'udp'");
  }
  ports.push_back(std::move(port));
}

// `path` against `dir`. "~" is the home directory of whoever asks, which is not known here.
std::string HostPath(absl::string_view path, const std::filesystem::path& dir) {
  if (path == "~" || absl::StartsWith(path, "~/")) {
    return std::filesystem::path(std::string(path)).lexically_normal();
  }
  std::filesystem::path normal = (dir / std::string(path)).lexically_normal();
  if (!normal.has_filename() && normal.has_relative_path()) normal = normal.parent_path();
  return normal;
}

bool IsHostPath(absl::string_view source) {
  return absl::StartsWith(source, "/") || absl::StartsWith(source, ".") ||
         absl::StartsWith(source, "~");
}

std::optional<VolumeMount> ReadShortVolume(const ConfigValue& value,
                                           const std::filesystem::path& dir) {
  const std::vector<std::string> parts = absl::StrSplit(value.Spelling(), ':');
  const bool fits = parts.size() <= 3 &&
                    absl::StartsWith(parts.size() == 1 ? parts[0] : parts[1], "/") &&
                    !parts[0].empty();
  const std::string options = parts.size() == 3 ? parts[2] : "rw";
  if (!fits || (options != "ro" && options != "rw")) {
    value.Reject(kVolumeForm);
    return std::nullopt;
  }
  VolumeMount mount;
  mount.target = parts.size() == 1 ? parts[0] : parts[1];
  mount.read_only = options == "ro";
  if (parts.size() > 1 && IsHostPath(parts[0])) {
    mount.type = VolumeMount::Type::kBind;
    mount.source = HostPath(parts[0], dir);
  } else if (parts.size() > 1) {
    mount.source = parts[0];
  }
  return mount;
}

void ReadMountType(const ConfigValue& value, VolumeMount& mount) {
  const std::string& type = value.Spelling();
  if (type == "bind") {
    mount.type = VolumeMount::Type::kBind;
  } else if (type == "tmpfs") {
    mount.type = VolumeMount::Type::kTmpfs;
  } else if (type != "volume") {
    value.Reject("'bind', 'volume' or 'tmpfs'");
  }
}

std::optional<VolumeMount> ReadLongVolume(const ConfigValue& value,
                                          const std::filesystem::path& dir) {
  VolumeMount mount;
  mount.create_host_path = false;
  ConfigMap map(value);
  if (const auto type = map.TakeSet("type")) ReadMountType(*type, mount);
  map.Read("source", mount.source);
  map.Read("target", mount.target);
  map.Read("read_only", mount.read_only);
  if (const auto bind = map.TakeSet("bind")) {
    ConfigMap options(*bind);
    options.Read("create_host_path", mount.create_host_path);
    options.RejectUnknownKeys();
  }
  map.RejectUnknownKeys();
  if (!absl::StartsWith(mount.target, "/")) {
    value.AddError(absl::StrCat("found no usable 'target'; expected ", kPathInContainer));
    return std::nullopt;
  }
  if (mount.type == VolumeMount::Type::kBind) {
    if (mount.source.empty()) {
      value.AddError("found a bind mount without 'source'; expected a path on the host");
      return std::nullopt;
    }
    mount.source = HostPath(mount.source, dir);
  }
  return mount;
}

}  // namespace

std::vector<PublishedPort> ReadPublishedPorts(const ConfigValue& value) {
  std::vector<PublishedPort> ports;
  if (!value.IsList()) value.Reject("a list of ports");
  for (const ConfigValue& item : value.Items()) {
    if (item.IsMap()) {
      ReadLongPort(item, ports);
    } else if (const auto parsed = ParsePorts(item.Spelling())) {
      ports.insert(ports.end(), parsed->begin(), parsed->end());
    } else {
      item.Reject(kPortForm);
    }
    if (ports.size() > kMostPorts) {
      value.AddError(absl::StrCat("found more than ", kMostPorts, " ports; expected fewer"));
      break;
    }
  }
  return ports;
}

std::vector<VolumeMount> ReadVolumeMounts(const ConfigValue& value,
                                          const std::filesystem::path& dir) {
  std::vector<VolumeMount> mounts;
  if (!value.IsList()) value.Reject("a list of volumes");
  for (const ConfigValue& item : value.Items()) {
    const std::optional<VolumeMount> mount =
        item.IsMap() ? ReadLongVolume(item, dir) : ReadShortVolume(item, dir);
    if (mount.has_value()) mounts.push_back(*mount);
  }
  return mounts;
}

}  // namespace nopo
