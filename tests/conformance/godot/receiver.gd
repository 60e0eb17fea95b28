# A character in Godot that VMC moves: a Skeleton at rest facing -z, posed by what arrives.
# Environment: PORT to listen to, SKELETON with lists of name, parent and offset at rest as JSON.
# Prints {"port": ...}, then a line of JSON for every frame.
extends SceneTree

const PATIENCE_S := 60.0

var _osc = preload("res://osc_reader.gd").new()
var _socket := PacketPeerUDP.new()
var _skeleton := Skeleton.new()
var _face := {}
var _idle_s := 0.0


func _initialize() -> void:
	root.add_child(_skeleton)
	for bone in JSON.parse(OS.get_environment("SKELETON")).result:
		_add_bone(bone[0], bone[1], bone[2])
	var port := int(OS.get_environment("PORT"))
	assert(_socket.listen(port, "127.0.0.1") == OK)
	print(to_json({"port": port}))


func _add_bone(name: String, parent: String, offset: Array) -> void:
	_skeleton.add_bone(name)
	var bone := _skeleton.find_bone(name)
	_skeleton.set_bone_parent(bone, _skeleton.find_bone(parent))
	_skeleton.set_bone_rest(bone, Transform(Basis(), Vector3(offset[0], offset[1], offset[2])))


func _idle(delta: float) -> bool:
	_idle_s += delta
	while _socket.get_available_packet_count() > 0:
		_idle_s = 0.0
		for message in _osc.read(_socket.get_packet()):
			_take(message)
	return _idle_s > PATIENCE_S


func _take(message: Array) -> void:
	match message[0]:
		"/VMC/Ext/Bone/Pos":
			_pose(message[1], message.slice(2, 8))
		"/VMC/Ext/Blend/Val":
			_face[message[1]] = message[2]
		"/VMC/Ext/Blend/Apply":
			_show()


# Unity faces +z, Godot -z, and both have their right on +x: what comes is mirrored along z.
func _pose(name: String, pose: Array) -> void:
	var bone := _skeleton.find_bone(name)
	var rest := _skeleton.get_bone_rest(bone)
	var turned := Transform(Basis(Quat(-pose[3], -pose[4], pose[5], pose[6])))
	if name == "Hips": # others keep their places at rest
		turned.origin = Vector3(pose[0], pose[1], -pose[2]) - rest.origin
	_skeleton.set_bone_pose(bone, turned)


func _show() -> void:
	var bones := {}
	for bone in _skeleton.get_bone_count():
		var pose := _skeleton.get_bone_global_pose(bone)
		var front := pose.basis.xform(Vector3.FORWARD)
		bones[_skeleton.get_bone_name(bone)] = [
			pose.origin.x, pose.origin.y, pose.origin.z, front.x, front.y, front.z
		]
	print(to_json({"bones": bones, "face": _face}))
	_face.clear()
