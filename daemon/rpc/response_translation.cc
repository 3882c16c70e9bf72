#include "daemon/rpc/response_translation.h"

#include "common/utf8.h"

namespace nopo {

v1::DescribeProjectResponse ProtoOf(const ProjectDescription& description) {
  v1::DescribeProjectResponse proto;
  proto.set_name(description.name);
  for (const ProjectDescription::TargetName& target : description.targets) {
    v1::DescribeProjectResponse::Target& added = *proto.add_targets();
    added.set_name(target.name);
    added.set_description(target.description);
    added.set_type(target.type);
  }
  for (const ProjectDescription::CommandName& command : description.commands) {
    v1::DescribeProjectResponse::Command& added = *proto.add_commands();
    added.set_path(command.path);
    for (const std::string& target : command.targets) added.add_targets(target);
  }
  for (const std::string& tag : description.tags) proto.add_tags(tag);
  for (const std::string& term : description.filter_terms) proto.add_filter_terms(term);
  return proto;
}

v1::DiagnoseResponse::Check ProtoOf(const Check& check) {
  v1::DiagnoseResponse::Check proto;
  proto.set_name(check.name);
  proto.set_ok(check.ok);
  proto.set_detail(ValidUtf8(check.detail));
  proto.set_remedy(ValidUtf8(check.remedy));
  return proto;
}

}  // namespace nopo
