#include "daemon/buildkit/llb_definition.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "buildkit/ops.pb.h"
#include "daemon/buildkit/build_session.h"
#include "daemon/buildkit/sha256.h"

namespace nopo {
namespace {

constexpr char kSession[] = "local.session";
// Keeps BuildKit from taking two builds' directories for one.
constexpr char kUnique[] = "local.unique";

std::string DigestOf(const std::string& bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.Digest();
}

std::string Serialize(const pb::Op& op) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream output(&stream);
  output.SetSerializationDeterministic(true);
  op.SerializeToCodedStream(&output);
  output.Trim();
  return bytes;
}

// Whether `source` is one that OnSession knows what to do with.
bool IsUnderstood(const pb::SourceOp& source) {
  const bool is_local = absl::StartsWith(source.identifier(), "local://");
  for (const auto& [name, value] : source.attrs()) {
    if (absl::EndsWith(name, ".session") && !(is_local && name == kSession)) return false;
  }
  return !is_local || source.attrs().contains(kSession);
}

// Whether that changed it.
bool Move(pb::SourceOp& source, const std::string& session_id) {
  auto& attrs = *source.mutable_attrs();
  const auto session = attrs.find(kSession);
  if (session == attrs.end()) return false;
  session->second = session_id;
  if (attrs.contains(kUnique)) attrs[kUnique] = NewBuildkitId();
  return true;
}

// Moves what stands under `before` to `now`.
template <typename Map>
void Rename(Map& map, const std::string& before, const std::string& now) {
  const auto found = map.find(before);
  if (found == map.end()) return;
  std::string value = std::move(found->second);
  map.erase(found);
  map[now] = std::move(value);
}

}  // namespace

std::optional<pb::Definition> OnSession(const pb::Definition& definition,
                                        const std::string& session_id) {
  pb::Definition moved = definition;
  std::map<std::string, std::string> names;  // Of the steps so far: the present one by the former.
  for (std::string& bytes : *moved.mutable_def()) {
    pb::Op op;
    if (!op.ParseFromString(bytes) || !IsUnderstood(op.source())) return std::nullopt;
    bool changed = op.has_source() && Move(*op.mutable_source(), session_id);
    for (pb::Input& input : *op.mutable_inputs()) {
      const auto name = names.find(input.digest());
      if (name == names.end()) return std::nullopt;
      changed |= name->first != name->second;
      input.set_digest(name->second);
    }
    const std::string before = DigestOf(bytes);
    if (changed) bytes = Serialize(op);
    const std::string& now = names[before] = changed ? DigestOf(bytes) : before;
    if (!changed) continue;
    Rename(*moved.mutable_metadata(), before, now);
    Rename(*moved.mutable_source()->mutable_locations(), before, now);
  }
  return moved;
}

}  // namespace nopo
